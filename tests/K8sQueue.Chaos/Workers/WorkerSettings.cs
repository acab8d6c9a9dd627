using System.Globalization;
using K8sQueue.Chaos.Running;
using K8sQueue.Worker.Hosting;

namespace K8sQueue.Chaos.Workers;

/// <summary>What the workers of a scenario are started with.</summary>
internal sealed record WorkerSettings
{
    /// <summary>The address of Redis, or of a proxy before it.</summary>
    public required string RedisAddress { get; init; }

    public IReadOnlyList<string> Queues { get; init; } = [ScenarioContext.Queue];

    public int Concurrency { get; init; } = 10;

    public int DrainSeconds { get; init; } = 10;

    public int RecycleAboveMiB { get; init; }

    public int RecycleAfterJobs { get; init; }

    public Dictionary<string, string> ToEnvironment(string name, string historyFolder, LeaseTimings timings) => new(StringComparer.Ordinal)
    {
        ["K8SQUEUE_REDIS_ADDRESS"] = RedisAddress,
        [WorkerEnvironment.Queues] = string.Join(',', Queues),
        [WorkerEnvironment.Concurrency] = Text(Concurrency),
        [WorkerEnvironment.DrainTimeout] = Text(DrainSeconds),
        [WorkerEnvironment.RecycleAboveMiB] = Text(RecycleAboveMiB),
        [WorkerEnvironment.RecycleAfterJobs] = Text(RecycleAfterJobs),
        [WorkerEnvironment.PodName] = name,
        [ChaosWorker.HistoryFolder] = historyFolder,
        [ChaosWorker.LeaseMilliseconds] = Text((int)timings.Lease.TotalMilliseconds),
    };

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
