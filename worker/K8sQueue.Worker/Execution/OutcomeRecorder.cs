using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Worker.Execution;

/// <summary>An outcome that is not recorded yet.</summary>
internal sealed class PendingOutcome(RunningJob job, JobOutcome outcome)
{
    public RunningJob Job { get; } = job;

    public JobOutcome Outcome { get; } = outcome;

    /// <summary>Calls that tried to record it and failed.</summary>
    public int Failures { get; set; }

    /// <summary>Whether it goes in a call of its own.</summary>
    public bool Alone { get; set; }
}

/// <summary>Turns outcomes of one kind into the consumer's call for them.</summary>
internal static class OutcomeRecorder
{
    public static ValueTask<IReadOnlyList<LeaseOutcome>> RecordAsync(
        IJobConsumer consumer, IReadOnlyList<PendingOutcome> group, CancellationToken cancellationToken) => group[0].Outcome switch
        {
            JobOutcome.Completed => consumer.CompleteAsync(
                Map<JobOutcome.Completed, JobCompletion>(group, static (lease, done) => new JobCompletion(lease, done.Result)), cancellationToken),
            JobOutcome.Retried => consumer.RetryAsync(
                Map<JobOutcome.Retried, JobRetry>(group, static (lease, retry) => new JobRetry(lease, retry.Delay, retry.Error)), cancellationToken),
            JobOutcome.Buried => consumer.BuryAsync(
                Map<JobOutcome.Buried, JobBurial>(group, static (lease, end) => new JobBurial(lease, end.Reason, end.Error)), cancellationToken),
            JobOutcome.Released => consumer.ReleaseAsync(
                Map<JobOutcome.Released, JobLease>(group, static (lease, _) => lease), cancellationToken),
            JobOutcome.Cancelled => consumer.CancelAsync(
                Map<JobOutcome.Cancelled, JobLease>(group, static (lease, _) => lease), cancellationToken),
            var other => throw new InvalidOperationException($"{other} is not recorded."),
        };

    private static T[] Map<TOutcome, T>(IReadOnlyList<PendingOutcome> group, Func<JobLease, TOutcome, T> map)
        where TOutcome : JobOutcome
    {
        var mapped = new T[group.Count];
        for (var i = 0; i < mapped.Length; i++)
            mapped[i] = map(group[i].Job.Lease, (TOutcome)group[i].Outcome);
        return mapped;
    }
}
