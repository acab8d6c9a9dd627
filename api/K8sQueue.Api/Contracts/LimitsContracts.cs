using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Contracts;

/// <summary>What bounds the starts of a queue's jobs, over all workers.</summary>
/// <param name="Rate">How many may start in how long; null for no bound.</param>
/// <param name="Concurrency">The most that run at once; null for no bound.</param>
internal sealed record LimitsDocument(RateDocument? Rate, int? Concurrency)
{
    public static LimitsDocument From(QueueLimits limits) => new(
        limits.Rate is { } rate ? new RateDocument(rate.Jobs, rate.Period.TotalSeconds, rate.Burst) : null, limits.Concurrency);
}

/// <param name="Jobs">Jobs.</param>
/// <param name="PeriodSeconds">In how long.</param>
/// <param name="Burst">How many at once after a quiet time; where it is left out, that of one period.</param>
internal sealed record RateDocument(int Jobs, double PeriodSeconds, int? Burst);
