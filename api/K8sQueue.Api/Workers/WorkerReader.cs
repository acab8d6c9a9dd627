using System.Security.Claims;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Workers;

/// <summary>Reads who consumes the queues, for requests and pages alike.</summary>
internal static class WorkerReader
{
    /// <summary>Consumers of one queue that are told, the last seen ones.</summary>
    public const int MaxPerQueue = 1000;

    private const int Concurrency = 8;

    /// <summary>The consumers of one queue.</summary>
    public static async ValueTask<IReadOnlyList<WorkerDocument>> ReadAsync(IJobQueue jobs, string queue, CancellationToken cancellationToken) =>
        [.. (await jobs.ListConsumersAsync(queue, MaxPerQueue, cancellationToken)).Select(consumer => WorkerDocument.From(queue, consumer))];

    /// <summary>The consumers of some of the queues that somebody may read, by queue.</summary>
    /// <param name="jobs">The broker.</param>
    /// <param name="user">Who asks.</param>
    /// <param name="after">The queue before them; null for the first ones.</param>
    /// <param name="size">How many queues.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<WorkerPage> ReadPageAsync(IJobQueue jobs, ClaimsPrincipal user, string? after, int size, CancellationToken cancellationToken)
    {
        var names = (await jobs.ListQueuesAsync(cancellationToken)).Order(StringComparer.Ordinal)
            .Where(name => (after is null || string.CompareOrdinal(name, after) > 0) && Access.May(user, Verb.Read, name)).Take(size + 1).ToList();
        var page = names.Take(size).ToList();
        var workers = await ParallelReads.OfAsync(page, Concurrency, (name, token) => ReadAsync(jobs, name, token), cancellationToken);
        return new WorkerPage([.. workers.SelectMany(one => one)], names.Count > size ? page[^1] : null);
    }
}
