using System.Security.Cryptography;
using K8sQueue.Api.Cluster;
using K8sQueue.Api.Health;
using K8sQueue.Api.Hosting;
using K8sQueue.Api.Problems;
using K8sQueue.Api.RateLimits;
using K8sQueue.Api.Workers;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Diagnostics;

/// <summary>Gathers what the checks look at. Whatever does not answer is missing from the facts, with its reason, and keeps the rest from nothing.</summary>
internal sealed class FactsReader(
    IJobQueue jobs, IOptions<RedisQueueOptions> redis, DependencyOptions dependencies, Dependencies health, RateLimiting limits, ClusterReader cluster,
    QueueHistory history, TimeProvider time)
{
    /// <summary>How long all of it may take.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(8);

    /// <summary>The most queues that are looked at, by name.</summary>
    public const int MaxQueues = 1000;

    private const int MaxWorkers = 200;
    private const int Concurrency = 8;

    public async Task<DiagnosticFacts> ReadAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        var cache = ReadRedisAsync(dependencies.Cache, []);
        var pools = ReadClusterAsync(() => cluster.ListPoolsAsync(deadline.Token));
        var budgets = ReadClusterAsync(() => cluster.ListBudgetsAsync(deadline.Token));
        var report = health.CheckAsync();
        var (queues, queueFault) = await ReadQueuesAsync(deadline.Token);
        var (info, redisFault) = await ReadRedisAsync(redis.Value, [.. (queues ?? []).SelectMany(queue => ForeignQueues.KeysOf(queue.Name))]);
        var dependencyFaults = (await report).Entries;
        var existing = info?.ExistingKeys.ToHashSet(StringComparer.Ordinal) ?? [];
        return new DiagnosticFacts
        {
            Redis = info,
            RedisFault = redisFault ?? queueFault,
            HasCache = dependencies.Cache is not null,
            Cache = (await cache).Info,
            CacheFault = (await cache).Fault,
            HasRateLimits = limits.Store is not null,
            RateLimitFault = RateLimitHealthCheck.Fault(limits),
            HasPostgres = dependencyFaults.ContainsKey(Dependencies.Postgres),
            PostgresFault = dependencyFaults.GetValueOrDefault(Dependencies.Postgres).Description,
            Queues = queues is null ? null : [.. queues.Select(queue => queue with { ForeignKeys = [.. ForeignQueues.KeysOf(queue.Name).Where(existing.Contains)] })],
            HasCluster = cluster.IsConfigured,
            ClusterFault = (await pools).Fault ?? (await budgets).Fault,
            Pools = (await pools).Items,
            Budgets = (await budgets).Items,
        };
    }

    private async Task<(IReadOnlyList<QueueFacts>? Queues, string? Fault)> ReadQueuesAsync(CancellationToken cancellationToken)
    {
        try
        {
            var names = (await jobs.ListQueuesAsync(cancellationToken)).Order(StringComparer.Ordinal).Take(MaxQueues).ToList();
            return (await ParallelReads.OfAsync(names, Concurrency, ReadQueueAsync, cancellationToken), null);
        }
        catch (Exception e) when (e is JobQueueUnavailableException or JobQueueFullException or JobQueueConfigurationException)
        {
            return (null, e.Message);
        }
        catch (OperationCanceledException)
        {
            return (null, $"The queues could not be read within {Deadline.TotalSeconds:0} s.");
        }
    }

    private async ValueTask<QueueFacts> ReadQueueAsync(string queue, CancellationToken cancellationToken)
    {
        var now = await jobs.GetStatisticsAsync(queue, cancellationToken);
        var workers = now.Consumers < 2 ? [] : await jobs.ListConsumersAsync(queue, MaxWorkers, cancellationToken);
        var (before, ago) = history.Before(queue);
        return new QueueFacts(now)
        {
            Before = before,
            Span = ago,
            Workers = [.. workers.Select(worker => WorkerDocument.PodOf(worker.Name)).Distinct(StringComparer.Ordinal)],
        };
    }

    private async Task<(RedisServerInfo? Info, string? Fault)> ReadRedisAsync(RedisQueueOptions? options, IReadOnlyList<string> keys)
    {
        if (options is null)
            return default;
        try
        {
            return (await RedisInfoReader.ReadAsync(options, keys, time).WaitAsync(Deadline, time), null);
        }
        catch (Exception e) when (e is JobQueueUnavailableException or JobQueueFullException or JobQueueConfigurationException
            or InvalidOperationException or IOException or CryptographicException)
        {
            return (null, e.Message);
        }
        catch (TimeoutException)
        {
            return (null, $"Redis at {options.Address} did not answer within {Deadline.TotalSeconds:0} s.");
        }
    }

    private async Task<(IReadOnlyList<T>? Items, string? Fault)> ReadClusterAsync<T>(Func<Task<IReadOnlyList<T>>> read)
    {
        if (!cluster.IsConfigured)
            return default;
        try
        {
            return (await read(), null);
        }
        catch (ProblemException e)
        {
            return (null, e.Message);
        }
        catch (OperationCanceledException)
        {
            return (null, $"The cluster did not answer within {Deadline.TotalSeconds:0} s.");
        }
    }
}
