using K8sQueue.Api.Authentication;
using K8sQueue.Api.Endpoints;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Http.HttpResults;

namespace K8sQueue.Api.Workers;

/// <summary>Who consumes the queues.</summary>
internal static class WorkerEndpoints
{
    /// <summary>Consumers of one queue that are told, the last seen ones.</summary>
    public const int MaxPerQueue = 1000;

    private const int Concurrency = 8;

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
            return TypedResults.Ok(new WorkerPage(await ReadAsync(jobs, queue, context.RequestAborted), null));
        }

        var names = (await jobs.ListQueuesAsync(context.RequestAborted)).Order(StringComparer.Ordinal)
            .Where(name => (after is null || string.CompareOrdinal(name, after) > 0) && Access.May(context.User, Verb.Read, name)).Take(size + 1).ToList();
        var page = names.Take(size).ToList();
        var workers = await ParallelReads.OfAsync(page, Concurrency, (name, token) => ReadAsync(jobs, name, token), context.RequestAborted);
        return TypedResults.Ok(new WorkerPage([.. workers.SelectMany(one => one)], names.Count > size ? page[^1] : null));
    }

    private static async ValueTask<IReadOnlyList<WorkerDocument>> ReadAsync(IJobQueue jobs, string queue, CancellationToken cancellationToken) =>
        [.. (await jobs.ListConsumersAsync(queue, MaxPerQueue, cancellationToken)).Select(consumer => WorkerDocument.From(queue, consumer))];
}
