using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Endpoints;

/// <summary>
/// Cancel, retry or delete the jobs that fit a query: so many a request, and the answer says where the next one goes on. Any of them may be sent again.
/// </summary>
internal static class JobActionEndpoints
{
    private const int DefaultLimit = 1000;

    public static void MapJobActions(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/queues/{queue}/jobs/cancel", CancelAsync)
            .WithName("CancelJobs")
            .Requires(Verb.Manage)
            .TakesDryRun()
            .WithSummary("Cancel the jobs that fit the query, so many a request.")
            .Produces<JobActionDocument>()
            .ProducesProblems(400, 503);
        routes.MapPost("/v1/queues/{queue}/jobs/retry", RetryAsync)
            .WithName("RetryJobs")
            .Requires(Verb.Manage)
            .TakesDryRun()
            .WithSummary("Let the dead letters or cancelled jobs that fit the query run again, so many a request.")
            .Produces<JobActionDocument>()
            .ProducesProblems(400, 503);
        routes.MapDelete("/v1/queues/{queue}/jobs", DeleteAsync)
            .WithName("DeleteJobs")
            .Requires(Verb.Manage)
            .TakesDryRun()
            .WithSummary("Delete what is kept of the ended jobs that fit the query, so many a request.")
            .Produces<JobActionDocument>()
            .ProducesProblems(400, 503);
    }

    private static Task<Ok<JobActionDocument>> CancelAsync(
        string queue, [AsParameters] JobQuery query, string? after, string? limit, string? dryRun, HttpContext context, IJobQueue jobs) =>
        ActAsync(JobAction.Cancel, queue, query, after, limit, dryRun, context, jobs);

    private static Task<Ok<JobActionDocument>> RetryAsync(
        string queue, [AsParameters] JobQuery query, string? after, string? limit, string? dryRun, HttpContext context, IJobQueue jobs) =>
        ActAsync(JobAction.Retry, queue, query, after, limit, dryRun, context, jobs);

    private static Task<Ok<JobActionDocument>> DeleteAsync(
        string queue, [AsParameters] JobQuery query, string? after, string? limit, string? dryRun, HttpContext context, IJobQueue jobs) =>
        ActAsync(JobAction.Delete, queue, query, after, limit, dryRun, context, jobs);

    private static async Task<Ok<JobActionDocument>> ActAsync(
        JobAction action, string queue, JobQuery query, string? after, string? limit, string? dryRun, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        Parameters.RequireKnown(context.Request, "state", "type", "tag", "before", "after", "limit", DryRuns.Parameter);
        var filter = query.ToFilter(action);
        var most = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxJobActions, DefaultLimit);
        var isDryRun = DryRuns.Read(context, dryRun);
        AuditNote.Meant(context, AuditFilter.Of(filter));
        var selection = await Parameters.RequirePlaceAsync("after", () => jobs.SelectJobsAsync(queue, filter, after, most, context.RequestAborted));
        if (isDryRun)
            return TypedResults.Ok(JobActionDocument.From(selection));
        var result = await jobs.ActAsync(action, filter.State, selection.Ids, context.RequestAborted);
        AuditNote.Did(context, result.Done + result.Requested);
        return TypedResults.Ok(JobActionDocument.From(selection, action, result));
    }
}
