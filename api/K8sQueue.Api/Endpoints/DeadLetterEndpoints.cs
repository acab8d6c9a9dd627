using K8sQueue.Api.Audit;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Contracts;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Endpoints;

/// <summary>List a queue's dead letters, put them back, delete them.</summary>
internal static class DeadLetterEndpoints
{
    private const int DefaultPageSize = 20;
    private const int DefaultManyLimit = 1000;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/queues/{queue}/dead-letters", ListAsync)
            .WithName("ListDeadLetters")
            .Requires(Verb.Read)
            .WithSummary("List a queue's dead letters, newest first.")
            .Produces<DeadLetterPage>()
            .ProducesProblems(400, 503);
        routes.MapPost("/v1/queues/{queue}/dead-letters/{id}/redrive", RedriveAsync)
            .WithName("RedriveDeadLetter")
            .Requires(Verb.Manage)
            .WithSummary("Put a dead letter back into its queue, with all its attempts, and another payload if the body has one.")
            .Accepts<RedriveJob>(isOptional: true, ContentTypes.Json)
            .Produces<JobAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 404, 409, 413, 415, 503);
        routes.MapPost("/v1/queues/{queue}/dead-letters/redrive", RedriveManyAsync)
            .WithName("RedriveDeadLetters")
            .Requires(Verb.Manage)
            .TakesDryRun()
            .WithSummary("Put the dead letters back that fit the query, oldest first, so many a request.")
            .Produces<RedrivenDocument>()
            .ProducesProblems(400, 503);
        routes.MapDelete("/v1/queues/{queue}/dead-letters/{id}", DeleteAsync)
            .WithName("DeleteDeadLetter")
            .Requires(Verb.Manage)
            .WithSummary("Delete a dead letter for good.")
            .Produces(StatusCodes.Status204NoContent)
            .ProducesProblems(400, 404, 503);
        routes.MapDelete("/v1/queues/{queue}/dead-letters", DeleteManyAsync)
            .WithName("DeleteDeadLetters")
            .Requires(Verb.Manage)
            .TakesDryRun()
            .WithSummary("Delete the dead letters for good that fit the query, oldest first, so many a request.")
            .Produces<DeletedDocument>()
            .ProducesProblems(400, 503);
    }

    private static async Task<Ok<DeadLetterPage>> ListAsync(string queue, string? offset, string? limit, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        var start = Parameters.RequireRange("offset", offset, 0, int.MaxValue - ApiLimits.MaxDeadLetterPageSize - 1, 0);
        var size = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxDeadLetterPageSize, DefaultPageSize);

        // One more than asked tells whether there is a next page.
        var letters = await jobs.ListDeadLettersAsync(queue, start, size + 1, context.RequestAborted);
        var page = letters.Take(size).Select(DeadLetterDocument.From).ToArray();
        return TypedResults.Ok(new DeadLetterPage(page, letters.Count > size ? start + size : null));
    }

    private static async Task<Accepted<JobAccepted>> RedriveAsync(string queue, string id, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        var jobId = Parameters.RequireJobId(id);
        var payload = await JobBody.ReadPayloadAsync(context.Request);
        try
        {
            var outcome = jobId.Queue == queue ? await jobs.RedriveAsync(jobId, payload, context.RequestAborted) : RedriveOutcome.NotFound;
            if (outcome != RedriveOutcome.Redriven)
                throw new ProblemException(new Problem(outcome == RedriveOutcome.Duplicate ? ProblemTypes.DuplicateJob : ProblemTypes.DeadLetterNotFound));
        }
        catch (ArgumentException e)
        {
            throw new ProblemException(new Problem(ProblemTypes.TooLarge, e.Message) { Field = "payload" });
        }

        var accepted = JobAccepted.From(new EnqueuedJob(jobId));
        return TypedResults.Accepted(JobEndpoints.Location(context, accepted), accepted);
    }

    private static async Task<Ok<RedrivenDocument>> RedriveManyAsync(
        string queue, [AsParameters] DeadLetterQuery query, string? cursor, string? limit, string? dryRun, HttpContext context, IJobQueue jobs)
    {
        var (filter, most, isDryRun) = Read(queue, query, limit, dryRun, context);
        var selection = await SelectAsync(queue, filter, cursor, most, context, jobs);
        if (isDryRun)
            return TypedResults.Ok(new RedrivenDocument { Matched = selection.Ids.Count, Next = selection.Next });
        var (redriven, duplicates) = await jobs.RedriveAsync(selection.Ids, context.RequestAborted);
        AuditNote.Did(context, redriven);
        return TypedResults.Ok(new RedrivenDocument { Redriven = redriven, Duplicates = duplicates, Next = selection.Next });
    }

    private static async Task<NoContent> DeleteAsync(string queue, string id, HttpContext context, IJobQueue jobs)
    {
        Parameters.RequireQueue(queue);
        var jobId = Parameters.RequireJobId(id);
        return jobId.Queue == queue && await jobs.DeleteDeadLetterAsync(jobId, context.RequestAborted)
            ? TypedResults.NoContent()
            : throw new ProblemException(new Problem(ProblemTypes.DeadLetterNotFound));
    }

    private static async Task<Ok<DeletedDocument>> DeleteManyAsync(
        string queue, [AsParameters] DeadLetterQuery query, string? cursor, string? limit, string? dryRun, HttpContext context, IJobQueue jobs)
    {
        var (filter, most, isDryRun) = Read(queue, query, limit, dryRun, context);

        // A client that forgets its query deletes nothing.
        if (filter.IsEmpty)
        {
            throw new ProblemException(new Problem(
                ProblemTypes.InvalidParameter, $"Say which dead letters to delete: {DeadLetterQuery.Names}; 'after=2000-01-01T00:00:00Z' for all."));
        }

        var selection = await SelectAsync(queue, filter, cursor, most, context, jobs);
        if (isDryRun)
            return TypedResults.Ok(new DeletedDocument { Matched = selection.Ids.Count, Next = selection.Next });
        var deleted = await jobs.DeleteDeadLettersAsync(selection.Ids, context.RequestAborted);
        AuditNote.Did(context, deleted);
        return TypedResults.Ok(new DeletedDocument { Deleted = deleted, Next = selection.Next });
    }

    private static (DeadLetterFilter Filter, int Limit, bool IsDryRun) Read(string queue, DeadLetterQuery query, string? limit, string? dryRun, HttpContext context)
    {
        Parameters.RequireQueue(queue);
        Parameters.RequireKnown(context.Request, "type", "reason", "tag", "error", "after", "before", "cursor", "limit", DryRuns.Parameter);
        var filter = query.ToFilter();
        var most = Parameters.RequireRange("limit", limit, 1, 100_000, DefaultManyLimit);
        var isDryRun = DryRuns.Read(context, dryRun);
        AuditNote.Meant(context, AuditFilter.Of(filter));
        return (filter, most, isDryRun);
    }

    private static Task<JobSelection> SelectAsync(string queue, DeadLetterFilter filter, string? cursor, int limit, HttpContext context, IJobQueue jobs) =>
        Parameters.RequirePlaceAsync("cursor", () => jobs.SelectDeadLettersAsync(queue, filter, cursor, limit, context.RequestAborted));
}
