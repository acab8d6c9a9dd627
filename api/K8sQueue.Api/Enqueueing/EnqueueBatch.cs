using K8sQueue.Api.Validation;

namespace K8sQueue.Api.Enqueueing;

/// <summary>Decides which jobs of a queue go to the broker together. No I/O.</summary>
internal static class EnqueueBatch
{
    /// <summary>
    /// Moves jobs from the front of <paramref name="waiting"/> into <paramref name="batch"/>, which is empty: no more than
    /// <see cref="ApiLimits.BulkBatchJobs"/>, and no more than <see cref="ApiLimits.BulkBatchBytes"/> of payload but for a single larger job, so that
    /// the broker takes all or none of them. Those that were given up are left out for good.
    /// </summary>
    /// <param name="waiting">What waits, in order.</param>
    /// <param name="batch">What goes together.</param>
    /// <param name="counts">Where each that leaves <paramref name="waiting"/> is counted out.</param>
    public static void Take(Queue<WaitingJob> waiting, List<WaitingJob> batch, WaitingJobs counts)
    {
        var bytes = 0L;
        while (waiting.TryPeek(out var next))
        {
            if (next.IsGivenUp)
            {
                waiting.Dequeue().GiveUp();
                counts.Remove(next);
                continue;
            }

            bytes += next.Job.Payload.Length;
            if (batch.Count == ApiLimits.BulkBatchJobs || (batch.Count > 0 && bytes > ApiLimits.BulkBatchBytes))
                return;
            batch.Add(waiting.Dequeue());
            counts.Remove(next);
        }
    }
}
