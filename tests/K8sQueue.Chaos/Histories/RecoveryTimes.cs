using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Histories;

/// <summary>How long a job waited for its next start after its process was lost.</summary>
/// <param name="Losses">How often its process was lost until that start.</param>
internal sealed record RecoveryTime(string Job, string Process, double Seconds, long Losses);

/// <summary>Finds them in histories.</summary>
internal static class RecoveryTimes
{
    /// <summary>
    /// Of each job that the process had when it was lost. A job that never started again was completed before, though the process could
    /// not write that down any more.
    /// </summary>
    public static IEnumerable<RecoveryTime> Of(ProcessLoss loss, IEnumerable<JobHistory> jobs)
    {
        foreach (var job in jobs)
        {
            var held = job.Fetches.LastOrDefault(fetch => fetch.Process == loss.Process && fetch.At <= loss.At);
            if (held is null || job.Records.Exists(record => record.IsOutcome && record.Epoch == held.Epoch))
                continue;
            if (job.Fetches.Where(fetch => fetch.Epoch > held.Epoch).MinBy(fetch => fetch.Epoch) is { } next)
                yield return new RecoveryTime(job.Id, loss.Process, Clock.Seconds(next.At - loss.At), next.Epoch - 1);
        }
    }
}
