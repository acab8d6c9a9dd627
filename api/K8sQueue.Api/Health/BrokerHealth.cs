using K8sQueue.Api.Hosting;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Health;

/// <summary>
/// Whether the broker answers and may be trusted. Callers within <see cref="Freshness"/> share one check: the endpoint needs no key,
/// so it must not be a way to load the broker.
/// </summary>
internal sealed class BrokerHealth(IJobQueue jobs, TimeProvider time)
{
    public static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly SharedRead<Problem?> _check = new(() => ProbeAsync(jobs, time), Freshness, time);

    /// <summary>Null where all is well.</summary>
    public Task<Problem?> CheckAsync() => _check.GetAsync();

    private static async Task<Problem?> ProbeAsync(IJobQueue jobs, TimeProvider time)
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        try
        {
            await jobs.CheckHealthAsync(deadline.Token).AsTask().WaitAsync(deadline.Token);
            return null;
        }
        catch (OperationCanceledException)
        {
            return new Problem(ProblemTypes.BrokerUnavailable, $"The broker did not answer within {Deadline.TotalSeconds:0} s.");
        }
        catch (Exception e) when (e is JobQueueUnavailableException or JobQueueFullException or JobQueueConfigurationException)
        {
            return ProblemExceptionHandler.From(e);
        }
    }
}
