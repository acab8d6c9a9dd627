using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.InMemory;

/// <summary>A consumer whose leases hold as long as it is not disposed.</summary>
internal sealed class InMemoryJobConsumer(InMemoryJobQueue queue, JobConsumerOptions options) : IJobConsumer
{
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private readonly int[] _batches = new int[options.Queues.Count]; // of each queue, those that gave jobs
    private DateTimeOffset? _disposedAt;
    private int _next;
    private volatile bool _quiesced;

    public string Name => options.Name;

    public QueueHold HeldBy { get; private set; }

    public async ValueTask<IReadOnlyList<JobLease>> FetchAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ObjectDisposedException.ThrowIf(_disposedAt is not null, this);
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var idleUntil = queue.Time.GetUtcNow() + queue.Options.IdleWait;
            while (!_quiesced)
            {
                var changed = queue.NextChange();
                var leases = Take(max, out var untilNext);
                if (leases.Count > 0)
                    return leases;
                cancellationToken.ThrowIfCancellationRequested();
                var left = idleUntil - queue.Time.GetUtcNow();
                if (left <= TimeSpan.Zero)
                    return [];
                var wait = untilNext < left ? untilNext.Value : left;
                await Task.WhenAny(changed, Task.Delay(wait, queue.Time, cancellationToken)).ConfigureAwait(false);
            }

            return [];
        }
        finally
        {
            _fetching.Release();
        }
    }

    public ValueTask<JobEnvelope> LoadAsync(JobLease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return ValueTask.FromResult(lease.Job);
    }

    public ValueTask<IReadOnlyList<LeaseOutcome>> CompleteAsync(
        IReadOnlyList<JobCompletion> completions, CancellationToken cancellationToken) =>
        Settle(completions, c => c.Lease, (q, c) => q.Complete(this, c));

    public ValueTask<IReadOnlyList<LeaseOutcome>> RetryAsync(IReadOnlyList<JobRetry> retries, CancellationToken cancellationToken) =>
        Settle(retries, r => r.Lease, (q, r) => q.Retry(this, r));

    public ValueTask<IReadOnlyList<LeaseOutcome>> BuryAsync(IReadOnlyList<JobBurial> burials, CancellationToken cancellationToken) =>
        Settle(burials, b => b.Lease, (q, b) => q.Bury(this, b));

    public ValueTask<IReadOnlyList<LeaseOutcome>> ReleaseAsync(IReadOnlyList<JobLease> leases, CancellationToken cancellationToken) =>
        Settle(leases, l => l, (q, l) => q.Release(this, l));

    public ValueTask<IReadOnlyList<LeaseOutcome>> CancelAsync(IReadOnlyList<JobLease> leases, CancellationToken cancellationToken) =>
        Settle(leases, l => l, (q, l) => q.Stop(this, l));

    public ValueTask ReportProgressAsync(IReadOnlyList<JobProgressReport> reports, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reports);
        foreach (var report in reports)
            report.ThrowIfInvalid();
        lock (queue.Gate)
        {
            foreach (var report in reports)
                queue.Queue(report.Lease.Job.Id.Queue).Report(this, report);
        }

        queue.Signal();
        return ValueTask.CompletedTask;
    }

    public async ValueTask QuiesceAsync(CancellationToken cancellationToken)
    {
        _quiesced = true;
        queue.Signal();
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
        _fetching.Release();
    }

    public void Resume() => _quiesced = false;

    public ValueTask<bool> LeaveAsync(CancellationToken cancellationToken)
    {
        lock (queue.Gate)
        {
            var left = true;
            foreach (var name in options.Queues)
                left &= queue.Queue(name).Leave(this);
            return ValueTask.FromResult(left);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (queue.Gate)
        {
            _disposedAt ??= queue.Time.GetUtcNow();
            foreach (var name in options.Queues)
                queue.Queue(name).LoseAll(this);
        }

        _quiesced = true;
        queue.Signal();
        return ValueTask.CompletedTask;
    }

    /// <summary>How long nobody has renewed its leases; nothing as long as it is not disposed.</summary>
    internal TimeSpan SilentFor => queue.Time.GetUtcNow() - _disposedAt ?? TimeSpan.Zero;

    /// <summary>Whether it was disposed longer than one lease ago.</summary>
    internal bool IsLost(DateTimeOffset now) => now - _disposedAt >= queue.Options.Lease;

    private List<JobLease> Take(int max, out TimeSpan? untilNext)
    {
        var leases = new List<JobLease>();
        var hold = QueueHold.None;
        untilNext = null;
        lock (queue.Gate)
        {
            var (first, queues) = (_next, options.Queues.Count);
            for (var i = 0; i < queues && leases.Count < max; i++)
            {
                var turn = (first + i) % queues;
                var one = queue.Queue(options.Queues[turn]);
                var taken = one.Take(this, max - leases.Count, LaneOrder.FirstOf(_batches[turn] + 1));
                leases.AddRange(taken);
                if (taken.Count > 0)
                    (_next, _batches[turn]) = (turn + 1, _batches[turn] + 1);
                if (one.Paused || one.Limits.Hold == QueueHold.None)
                    continue;
                hold = hold == QueueHold.None ? one.Limits.Hold : hold;
                untilNext = one.Limits.UntilNext is { } until && !(untilNext < until) ? until : untilNext;
            }
        }

        HeldBy = leases.Count == 0 ? hold : QueueHold.None;
        return leases;
    }

    private ValueTask<IReadOnlyList<LeaseOutcome>> Settle<T>(
        IReadOnlyList<T> items, Func<T, JobLease> leaseOf, Func<InMemoryQueue, T, LeaseOutcome> settle)
    {
        ArgumentNullException.ThrowIfNull(items);
        var outcomes = new LeaseOutcome[items.Count];
        lock (queue.Gate)
        {
            for (var i = 0; i < items.Count; i++)
                outcomes[i] = settle(queue.Queue(leaseOf(items[i]).Job.Id.Queue), items[i]);
        }

        queue.Signal();
        return ValueTask.FromResult<IReadOnlyList<LeaseOutcome>>(outcomes);
    }
}
