using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;

namespace K8sQueue.Api.Enqueueing;

/// <summary>How much waits for the broker, over all queues. Not safe for several threads: <see cref="EnqueueBatcher"/> has a lock.</summary>
internal sealed class WaitingJobs
{
    private int _jobs;
    private long _bytes;

    /// <summary>Counts a job in; false where there is no room for it.</summary>
    public bool TryAdd(WaitingJob job)
    {
        if (_jobs >= ApiLimits.MaxWaitingJobs || _bytes + job.Job.Payload.Length > ApiLimits.MaxWaitingBytes)
            return false;
        _jobs++;
        _bytes += job.Job.Payload.Length;
        return true;
    }

    /// <summary>Counts a job out.</summary>
    public void Remove(WaitingJob job)
    {
        _jobs--;
        _bytes -= job.Job.Payload.Length;
    }

    /// <summary>What a request is told for which there is no room.</summary>
    public static ProblemException TooMany() => new(new Problem(
        ProblemTypes.Overloaded, $"{ApiLimits.MaxWaitingJobs} jobs, or {ApiLimits.MaxWaitingBytes / (1024 * 1024)} MiB of payloads, wait for the broker here already.")
    { RetryAfterSeconds = 1 });
}
