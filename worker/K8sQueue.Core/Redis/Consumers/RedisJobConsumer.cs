using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>A consumer: fetches one call at a time, ends jobs in any number of calls, and renews what it owns meanwhile.</summary>
internal sealed class RedisJobConsumer : IJobConsumer
{
    private readonly RedisServices _services;
    private readonly RedisHealth _health;
    private readonly QueueHandle[] _queues;
    private readonly LeaseTable _leases;
    private readonly RedisFetcher _fetcher;
    private readonly RedisSettlement _settlement;
    private readonly ProgressWriter _progress;
    private readonly HeartbeatThread _heartbeat;
    private readonly SemaphoreSlim _fetching = new(1, 1);
    private readonly List<JobLease> _unwanted = []; // under _fetching
    private TaskCompletionSource _quiesced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _left;
    private volatile bool _disposed;

    private RedisJobConsumer(RedisServices services, RedisHealth health, JobConsumerOptions options)
    {
        (_services, _health) = (services, health);
        Name = options.Name;
        _queues = [.. options.Queues.Select(services.Queue)];
        _leases = new LeaseTable(_queues.Length, services.Options.Lease, services.Time, services.Clock);
        _fetcher = new RedisFetcher(services, _queues, _leases, Name);
        _settlement = new RedisSettlement(services, _queues, _leases);
        _progress = new ProgressWriter(services, Name);
        _heartbeat = new HeartbeatThread(services, _queues, _leases, Name);
    }

    public string Name { get; }

    public QueueHold HeldBy => _fetcher.HeldBy;

    public static async Task<RedisJobConsumer> OpenAsync(RedisServices services, RedisHealth health, JobConsumerOptions options)
    {
        var consumer = new RedisJobConsumer(services, health, options);
        await Task.WhenAll(consumer._queues.Select(queue => services.JoinAsync(queue, options.Name))).ConfigureAwait(false);
        consumer._heartbeat.Start();
        return consumer;
    }

    public async ValueTask<IReadOnlyList<JobLease>> FetchAsync(int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        ObjectDisposedException.ThrowIf(_disposed, this);
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);

        // Cancelling ends the wait, never a script that may have taken jobs.
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await using var registration = cancellationToken.UnsafeRegister(
                static state => ((TaskCompletionSource)state!).TrySetResult(), cancelled).ConfigureAwait(false);
            var quiesced = Volatile.Read(ref _quiesced).Task;
            var stop = Task.WhenAny(cancelled.Task, quiesced);

            // After a failover the same address may lead to a server that could lose jobs.
            await _health.EnsureStillAsync().ConfigureAwait(false);
            await ReleaseUnwantedAsync().ConfigureAwait(false);
            var taken = await _fetcher.FetchAsync(max, stop).ConfigureAwait(false);
            if (taken.Count == 0)
                cancellationToken.ThrowIfCancellationRequested();
            return taken;
        }
        finally
        {
            cancelled.TrySetResult(); // or each call would leave a continuation behind
            _fetching.Release();
        }
    }

    public async ValueTask<JobEnvelope> LoadAsync(JobLease lease, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lease);
        return await _services.Payloads.LoadAsync(lease.Job).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LeaseOutcome>> CompleteAsync(
        IReadOnlyList<JobCompletion> completions, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(completions);
        cancellationToken.ThrowIfCancellationRequested();
        return await _settlement.CompleteAsync(completions).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LeaseOutcome>> RetryAsync(
        IReadOnlyList<JobRetry> retries, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(retries);
        cancellationToken.ThrowIfCancellationRequested();
        return await _settlement.RetryAsync(retries).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LeaseOutcome>> BuryAsync(
        IReadOnlyList<JobBurial> burials, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(burials);
        cancellationToken.ThrowIfCancellationRequested();
        return await _settlement.BuryAsync(burials).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LeaseOutcome>> ReleaseAsync(
        IReadOnlyList<JobLease> leases, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leases);
        cancellationToken.ThrowIfCancellationRequested();
        return await _settlement.ReleaseAsync(leases).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<LeaseOutcome>> CancelAsync(
        IReadOnlyList<JobLease> leases, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(leases);
        cancellationToken.ThrowIfCancellationRequested();
        return await _settlement.CancelAsync(leases).ConfigureAwait(false);
    }

    public async ValueTask ReportProgressAsync(IReadOnlyList<JobProgressReport> reports, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reports);
        cancellationToken.ThrowIfCancellationRequested();
        await _progress.WriteAsync(reports).ConfigureAwait(false);
    }

    public async ValueTask QuiesceAsync(CancellationToken cancellationToken)
    {
        await StopFetchingAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // A script that did not answer in time may still take jobs, which nobody waits for any more.
            _unwanted.AddRange(await _fetcher.SettleAsync().ConfigureAwait(false));
            await ReleaseUnwantedAsync().ConfigureAwait(false);
        }
        finally
        {
            _fetching.Release();
        }
    }

    public void Resume()
    {
        if (!_left && Volatile.Read(ref _quiesced).Task.IsCompleted)
            Volatile.Write(ref _quiesced, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }

    public async ValueTask<bool> LeaveAsync(CancellationToken cancellationToken)
    {
        if (!_leases.IsEmpty)
        {
            // Unless that is what fetches brought when nobody wanted more, and what an earlier call could not hand back.
            if (!Volatile.Read(ref _quiesced).Task.IsCompleted)
                return false;
            await QuiesceAsync(cancellationToken).ConfigureAwait(false);
            if (!_leases.IsEmpty)
                return false;
        }

        // A heartbeat after this would sign the consumer in again.
        _left = true;
        await QuiesceAsync(cancellationToken).ConfigureAwait(false);
        await _heartbeat.StopAsync().ConfigureAwait(false);
        var left = await Task.WhenAll(
            _queues.Select(queue => _services.Connection.EvaluateAsync(RedisScript.Leave, queue.Keys, [Name]))).ConfigureAwait(false);
        return Array.TrueForAll(left, answer => (int)answer == 1);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = _left = true;
        await StopFetchingAsync(CancellationToken.None).ConfigureAwait(false);
        _fetching.Release();
        await _heartbeat.StopAsync().ConfigureAwait(false);
        _heartbeat.Dispose();
        _leases.LoseAll();
        _fetcher.Dispose();
    }

    // What a release that failed did is not known, so it is repeated: its jobs may have other owners by now.
    private async Task ReleaseUnwantedAsync()
    {
        if (_unwanted.Count == 0)
            return;
        await _settlement.ReleaseAsync(_unwanted).ConfigureAwait(false);
        _unwanted.Clear();
    }

    // Holds the fetching gate when it completes.
    private async Task StopFetchingAsync(CancellationToken cancellationToken)
    {
        Volatile.Read(ref _quiesced).TrySetResult();
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
    }
}
