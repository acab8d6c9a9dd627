using K8sQueue.Api.Hosting;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Health;

/// <summary>
/// Whether the broker answers and may be trusted. Callers within <see cref="Freshness"/> share one check: the endpoint needs no key,
/// so it must not be a way to load the broker.
/// </summary>
internal sealed class BrokerHealth
{
    public static readonly TimeSpan Freshness = TimeSpan.FromMilliseconds(500);
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);

    private readonly IJobQueue _jobs;
    private readonly TimeProvider _time;
    private readonly SharedRead<Problem?> _check;
    private volatile bool _wasWell;

    public BrokerHealth(IJobQueue jobs, TimeProvider time)
    {
        _jobs = jobs;
        _time = time;
        _check = new(ProbeAsync, Freshness, time);
    }

    /// <summary>Whether all was well at any check of this process.</summary>
    public bool WasWell => _wasWell;

    /// <summary>Null where all is well.</summary>
    public Task<Problem?> CheckAsync() => _check.GetAsync();

    private async Task<Problem?> ProbeAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline, _time);
        try
        {
            await _jobs.CheckHealthAsync(deadline.Token).AsTask().WaitAsync(deadline.Token);
            _wasWell = true;
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
