using K8sQueue.Chaos.Histories;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Chaos.Workers;

/// <inheritdoc cref="RecordedJobQueue"/>
internal sealed class RecordedConsumer(IJobConsumer inner, HistoryFile history) : DelegatingJobConsumer(inner)
{
    public override async ValueTask<IReadOnlyList<JobLease>> FetchAsync(int max, CancellationToken cancellationToken)
    {
        var leases = await Inner.FetchAsync(max, cancellationToken);
        foreach (var lease in leases)
            Add(HistoryKind.Fetched, lease);
        return leases;
    }

    public override ValueTask<IReadOnlyList<LeaseOutcome>> CompleteAsync(
        IReadOnlyList<JobCompletion> completions, CancellationToken cancellationToken) =>
        RecordAsync(HistoryKind.Completed, completions, completion => completion.Lease, Inner.CompleteAsync(completions, cancellationToken));

    public override ValueTask<IReadOnlyList<LeaseOutcome>> RetryAsync(IReadOnlyList<JobRetry> retries, CancellationToken cancellationToken) =>
        RecordAsync(HistoryKind.Retried, retries, retry => retry.Lease, Inner.RetryAsync(retries, cancellationToken));

    public override ValueTask<IReadOnlyList<LeaseOutcome>> BuryAsync(IReadOnlyList<JobBurial> burials, CancellationToken cancellationToken) =>
        RecordAsync(HistoryKind.Buried, burials, burial => burial.Lease, Inner.BuryAsync(burials, cancellationToken));

    public override ValueTask<IReadOnlyList<LeaseOutcome>> ReleaseAsync(IReadOnlyList<JobLease> leases, CancellationToken cancellationToken) =>
        RecordAsync(HistoryKind.Released, leases, lease => lease, Inner.ReleaseAsync(leases, cancellationToken));

    private async ValueTask<IReadOnlyList<LeaseOutcome>> RecordAsync<T>(
        HistoryKind kind, IReadOnlyList<T> outcomes, Func<T, JobLease> leaseOf, ValueTask<IReadOnlyList<LeaseOutcome>> call)
    {
        var answers = await call;
        for (var i = 0; i < answers.Count; i++)
        {
            if (answers[i] == LeaseOutcome.Done)
                Add(kind, leaseOf(outcomes[i]));
            else
                Add(HistoryKind.Refused, leaseOf(outcomes[i]), kind.ToString());
        }

        return answers;
    }

    private void Add(HistoryKind kind, JobLease lease, string detail = "") =>
        history.Add(kind, lease.Job.Id, lease.Job.Attempt, lease.Job.Epoch, detail);
}
