using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Batches;

/// <summary>Jobs whose end leads to others.</summary>
public sealed record BatchRequest
{
    /// <summary>The jobs, of any queues: 1 to <see cref="BatchLimits.MaxJobs"/>, none with a deduplication key.</summary>
    public required IReadOnlyList<JobRequest> Jobs { get; init; }

    /// <summary>Enqueued once when every job has ended: completed, cancelled, or a dead letter.</summary>
    public JobRequest? OnComplete { get; init; }

    /// <summary>
    /// Enqueued once when every job is completed. A dead letter that is redriven and completes later counts, while the batch's record is kept.
    /// Of the queue of <see cref="OnComplete"/>, where both are given.
    /// </summary>
    public JobRequest? OnSuccess { get; init; }

    /// <param name="maxPayloadBytes">The largest payload in bytes.</param>
    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    public void ThrowIfInvalid(int maxPayloadBytes = JobLimits.MaxPayloadBytes)
    {
        if (Jobs is not { Count: > 0 and <= BatchLimits.MaxJobs })
            throw new ArgumentException($"A batch has 1 to {BatchLimits.MaxJobs} jobs, not {Jobs?.Count ?? 0}.");
        foreach (var job in Jobs)
            ThrowIfInvalid(job, maxPayloadBytes);
        foreach (var callback in new[] { OnComplete, OnSuccess })
        {
            if (callback is not null)
                ThrowIfInvalid(callback, maxPayloadBytes);
        }

        if (OnComplete is not null && OnSuccess is not null && OnComplete.Queue != OnSuccess.Queue)
            throw new ArgumentException($"onComplete and onSuccess must be of one queue, not {OnComplete.Queue} and {OnSuccess.Queue}.");
    }

    internal static void ThrowIfInvalid(JobRequest job, int maxPayloadBytes)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.ThrowIfInvalid(maxPayloadBytes);
        if (job.Deduplication is not null)
            throw new ArgumentException("A job of a batch or a flow has no deduplication key: another job would end in its place, or never.");
    }
}
