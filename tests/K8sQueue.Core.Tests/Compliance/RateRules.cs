using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Compliance;

/// <summary>What a rate promises of starts.</summary>
internal static class RateRules
{
    /// <summary>In no time as long as the period more start than the rate and the burst allow.</summary>
    /// <param name="starts">When jobs started, in ms, in order.</param>
    /// <param name="rate">The rate.</param>
    /// <param name="slack">How exactly it is known when they did, in ms.</param>
    public static void ShouldKeep(IReadOnlyList<double> starts, QueueRate rate, double slack = 0)
    {
        for (int first = 0, end = 0; first < starts.Count; first++)
        {
            while (end < starts.Count && starts[end] < starts[first] + rate.Period.TotalMilliseconds - slack)
                end++;
            (end - first).Should().BeLessThanOrEqualTo(rate.Jobs + rate.Burst, "of {0}, from {1} ms on", rate, starts[first]);
        }
    }
}
