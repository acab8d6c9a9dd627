using K8sQueue.Api.Authentication;
using K8sQueue.Api.Endpoints;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Workers;

/// <summary>Who consumes the queues.</summary>
internal static class WorkerEndpoints
{
    public static void MapWorkers(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/workers", ListAsync)
        .WithName("ListWorkers")
        .WithSummary("List who consumes the queues, by queue, and what each has in flight.")
        .Requires(Verb.Read, Reach.Visible)
        .Produces<WorkerPage>()
        .ProducesProblems(400, 503);

    private static async Task<Ok<WorkerPage>> ListAsync(string? queue, string? after, string? limit, HttpContext context, IJobQueue jobs)
    {
        var size = Parameters.RequireRange("limit", limit, 1, ApiLimits.MaxPageSize, ApiLimits.MaxPageSize);
        if (queue is not null)
        {
            Parameters.RequireQueue(queue);
            Access.Require(context.User, Verb.Read, queue);
            return TypedResults.Ok(new WorkerPage(await WorkerReader.ReadAsync(jobs, queue, context.RequestAborted), null));
        }

        return TypedResults.Ok(await WorkerReader.ReadPageAsync(jobs, context.User, after, size, context.RequestAborted));
    }
}
