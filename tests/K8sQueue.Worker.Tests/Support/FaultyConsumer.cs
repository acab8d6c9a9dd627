using System.Collections.Concurrent;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Worker.Tests.Support;

/// <summary>A consumer of <see cref="FaultyJobQueue"/>. Its leases can be lost on demand.</summary>
internal sealed class FaultyConsumer(FaultyJobQueue queue, IJobConsumer inner) : IJobConsumer
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _lost = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, JobLease> _leases = new(StringComparer.Ordinal);

    public string Name => inner.Name;

    public QueueHold HeldBy => inner.HeldBy;

    public int MaxAsked { get; private set; }

    public bool? Left { get; private set; }

    /// <summary>How many outcomes each call carried.</summary>
    public ConcurrentQueue<int> Batches { get; } = new();

    /// <summary>What each call for progress carried.</summary>
    public ConcurrentQueue<IReadOnlyList<JobProgressReport>> Reports { get; } = new();

    /// <summary>Whether every lease that was given is lost.</summary>
    public bool AreLeasesLost => _lost.Values.All(lost => lost.IsCancellationRequested);

    public async ValueTask<IReadOnlyList<JobLease>> FetchAsync(int max, CancellationToken cancellationToken)
    {
        queue.ThrowIfDown();
        if (queue.FetchFailure is { } failure)
            throw failure;
        MaxAsked = Math.Max(MaxAsked, max);
        var leases = await inner.FetchAsync(max, cancellationToken);
        if (queue.Held is { } held)
            await held.Task;
        foreach (var lease in leases)
            _leases[lease.EntryId] = lease;
        return
        [
            .. leases.Select(lease => lease with
            {
                Job = lease.Job with { EnqueuedAt = lease.Job.EnqueuedAt + queue.Ahead },
                AvailableAt = lease.AvailableAt + queue.Ahead,
                BrokerAhead = queue.Ahead,
                Lost = _lost.GetOrAdd(lease.EntryId, _ => CancellationTokenSource.CreateLinkedTokenSource(lease.Lost)).Token,
            }),
        ];
    }

    /// <summary>Says that the leases of the jobs are lost. The broker is not told, so that they are still owned there.</summary>
    public void Lose()
    {
        foreach (var lost in _lost.Values)
            lost.Cancel();
    }

    /// <summary>Ends every lease at the broker, behind the worker's back.</summary>
    public async Task StealAsync() => await inner.ReleaseAsync([.. _leases.Values], CancellationToken.None);

    public ValueTask<JobEnvelope> LoadAsync(JobLease lease, CancellationToken cancellationToken) => inner.LoadAsync(lease, cancellationToken);

    public ValueTask<IReadOnlyList<LeaseOutcome>> CompleteAsync(
        IReadOnlyList<JobCompletion> completions, CancellationToken cancellationToken) =>
        SettleAsync(completions.Count, () => inner.CompleteAsync(completions, cancellationToken));

    public ValueTask<IReadOnlyList<LeaseOutcome>> RetryAsync(IReadOnlyList<JobRetry> retries, CancellationToken cancellationToken) =>
        SettleAsync(retries.Count, () => inner.RetryAsync(retries, cancellationToken));

    public ValueTask<IReadOnlyList<LeaseOutcome>> BuryAsync(IReadOnlyList<JobBurial> burials, CancellationToken cancellationToken) =>
        SettleAsync(burials.Count, () => inner.BuryAsync(burials, cancellationToken));

    public ValueTask<IReadOnlyList<LeaseOutcome>> ReleaseAsync(IReadOnlyList<JobLease> leases, CancellationToken cancellationToken) =>
        SettleAsync(leases.Count, () => inner.ReleaseAsync(leases, cancellationToken));

    public ValueTask<IReadOnlyList<LeaseOutcome>> CancelAsync(IReadOnlyList<JobLease> leases, CancellationToken cancellationToken) =>
        SettleAsync(leases.Count, () => inner.CancelAsync(leases, cancellationToken));

    public ValueTask ReportProgressAsync(IReadOnlyList<JobProgressReport> reports, CancellationToken cancellationToken)
    {
        queue.ThrowIfDown();
        Reports.Enqueue(reports);
        return inner.ReportProgressAsync(reports, cancellationToken);
    }

    // As with a real one, fetching ends before the broker is asked.
    public async ValueTask QuiesceAsync(CancellationToken cancellationToken)
    {
        queue.ThrowIfDown();
        await inner.QuiesceAsync(cancellationToken);
        if (queue.QuiesceFailure is { } failure)
            throw failure;
    }

    public void Resume() => inner.Resume();

    public async ValueTask<bool> LeaveAsync(CancellationToken cancellationToken)
    {
        queue.ThrowIfDown();
        var left = await inner.LeaveAsync(cancellationToken);
        Left = left;
        return left;
    }

    public async ValueTask DisposeAsync()
    {
        if (queue.Held is { } held)
            await held.Task;
        await inner.DisposeAsync();
    }

    private async ValueTask<IReadOnlyList<LeaseOutcome>> SettleAsync(int count, Func<ValueTask<IReadOnlyList<LeaseOutcome>>> settle)
    {
        queue.ThrowIfDown();
        Batches.Enqueue(count);
        var outcomes = await settle();
        return queue.LosesAnswers ? throw new JobQueueUnavailableException("The answer was lost.") : outcomes;
    }
}
