using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Queues;

/// <summary>Passes every call on to another consumer: the base of a consumer that adds something to some calls.</summary>
/// <param name="inner">The consumer, which is disposed with this one.</param>
public abstract class DelegatingJobConsumer(IJobConsumer inner) : IJobConsumer
{
    /// <summary>The consumer behind this one.</summary>
    protected IJobConsumer Inner => inner;

    public virtual string Name => inner.Name;

    public virtual QueueHold HeldBy => inner.HeldBy;

    public virtual ValueTask<IReadOnlyList<JobLease>> FetchAsync(int max, CancellationToken cancellationToken) => inner.FetchAsync(max, cancellationToken);

    public virtual ValueTask<JobEnvelope> LoadAsync(JobLease lease, CancellationToken cancellationToken) => inner.LoadAsync(lease, cancellationToken);

    public virtual ValueTask<IReadOnlyList<LeaseOutcome>> CompleteAsync(
        IReadOnlyList<JobCompletion> completions, CancellationToken cancellationToken) => inner.CompleteAsync(completions, cancellationToken);

    public virtual ValueTask<IReadOnlyList<LeaseOutcome>> RetryAsync(IReadOnlyList<JobRetry> retries, CancellationToken cancellationToken) =>
        inner.RetryAsync(retries, cancellationToken);

    public virtual ValueTask<IReadOnlyList<LeaseOutcome>> BuryAsync(IReadOnlyList<JobBurial> burials, CancellationToken cancellationToken) =>
        inner.BuryAsync(burials, cancellationToken);

    public virtual ValueTask<IReadOnlyList<LeaseOutcome>> ReleaseAsync(IReadOnlyList<JobLease> leases, CancellationToken cancellationToken) =>
        inner.ReleaseAsync(leases, cancellationToken);

    public virtual ValueTask<IReadOnlyList<LeaseOutcome>> CancelAsync(IReadOnlyList<JobLease> leases, CancellationToken cancellationToken) =>
        inner.CancelAsync(leases, cancellationToken);

    public virtual ValueTask ReportProgressAsync(IReadOnlyList<JobProgressReport> reports, CancellationToken cancellationToken) =>
        inner.ReportProgressAsync(reports, cancellationToken);

    public virtual ValueTask QuiesceAsync(CancellationToken cancellationToken) => inner.QuiesceAsync(cancellationToken);

    public virtual void Resume() => inner.Resume();

    public virtual ValueTask<bool> LeaveAsync(CancellationToken cancellationToken) => inner.LeaveAsync(cancellationToken);

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return inner.DisposeAsync();
    }
}
