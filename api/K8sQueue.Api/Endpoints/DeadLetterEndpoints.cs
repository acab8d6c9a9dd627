using K8sQueue.Api.Contracts;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Endpoints;

/// <summary>List a queue's dead letters, put one back.</summary>
internal static class DeadLetterEndpoints
{
    private const int DefaultPageSize = 20;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/queues/{queue}/dead-letters", ListAsync)
            .WithName("ListDeadLetters")
            .WithSummary("List a queue's dead letters, newest first.")
            .Produces<DeadLetterPage>()
            .ProducesProblems(400, 503);
        routes.MapPost("/v1/queues/{queue}/dead-letters/{id}/redrive", RedriveAsync)
            .WithName("RedriveDeadLetter")
            .WithSummary("Put a dead letter back into its queue, with all its attempts.")
            .Produces<JobAccepted>(StatusCodes.Status202Accepted)
            .ProducesProblems(400, 404, 409, 503);
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
        var outcome = jobId.Queue == queue ? await jobs.RedriveAsync(jobId, context.RequestAborted) : RedriveOutcome.NotFound;
        if (outcome != RedriveOutcome.Redriven)
            throw new ProblemException(new Problem(outcome == RedriveOutcome.Duplicate ? ProblemTypes.DuplicateJob : ProblemTypes.DeadLetterNotFound));
        var accepted = JobAccepted.From(new EnqueuedJob(jobId));
        return TypedResults.Accepted(JobEndpoints.Location(context, accepted), accepted);
    }
}
