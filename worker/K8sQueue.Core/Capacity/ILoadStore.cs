using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Capacity;

/// <summary>
/// The part of a broker that remembers for an hour how much work there was and what it took, so that capacity can be planned. What stands in it
/// decides nothing about jobs: a report that is lost, or counted twice, costs only accuracy.
/// </summary>
public interface ILoadStore
{
    /// <summary>
    /// Adds what a worker did for a queue, and looks how many jobs have arrived since anybody last did. With
    /// <see cref="LoadSample.None"/> it only looks. To be called about every <see cref="LoadReports.Interval"/>; what arrived in a longer
    /// gap is spread over it, and what came before the first look is not known.
    /// </summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached; it may have been added all the same.</exception>
    ValueTask ReportAsync(string queue, LoadSample sample, CancellationToken cancellationToken);

    /// <summary>What was reported in the last hour. An unknown queue has an empty history.</summary>
    /// <exception cref="JobQueueUnavailableException">The broker can't be reached.</exception>
    ValueTask<LoadHistory> ReadAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>What reports have in common.</summary>
public static class LoadReports
{
    /// <summary>How often a process reports.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>How long a minute's figures, and the last look at arrivals, are kept.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromMinutes(LoadHistory.Minutes + 1);
}
