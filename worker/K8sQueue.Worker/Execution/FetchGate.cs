using K8sQueue.Core.Queues;

namespace K8sQueue.Worker.Execution;

/// <summary>
/// Whether the fetch loop may fetch. Closed for a time by <see cref="QuiesceAsync"/>, which ends by itself so that an operator
/// that crashed leaves no idle worker behind, and for good by <see cref="CloseAsync"/>.
/// </summary>
internal sealed class FetchGate : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ITimer _expiry;
    private IJobConsumer? _consumer;
    private DateTimeOffset? _until;
    private ulong? _heldAt;
    private TimeSpan _ttl;
    private long _quiescedAt;
    private bool _closed;
    private bool _finishes;
    private bool _fetching;
    private TaskCompletionSource? _opened;
    private TaskCompletionSource? _settled;

    public FetchGate(TimeProvider time)
    {
        _time = time;
        _expiry = time.CreateTimer(static state => ((FetchGate)state!).Expire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Until when, where it is closed for a time.</summary>
    public DateTimeOffset? QuiescedUntil
    {
        get
        {
            lock (_lock)
                return _closed ? null : _until;
        }
    }

    /// <summary>Who holds it for a time, also where it is closed for good; null for nobody.</summary>
    public WorkerHold? Hold
    {
        get
        {
            lock (_lock)
                return _until is { } until && until > _time.GetUtcNow() ? new WorkerHold(until, _heldAt) : null;
        }
    }

    public bool IsOpen
    {
        get
        {
            lock (_lock)
                return Open;
        }
    }

    /// <summary>What holds jobs that wait in the queues, though the worker would take them.</summary>
    public QueueHold HeldBy
    {
        get
        {
            lock (_lock)
                return Open && _consumer is { } consumer ? consumer.HeldBy : QueueHold.None;
        }
    }

    /// <summary>Whether what an outstanding fetch brings is run: where the gate is open, or closed by <see cref="FinishAsync"/>.</summary>
    public bool TakesArrivals
    {
        get
        {
            lock (_lock)
                return Open || (_closed && _finishes);
        }
    }

    private bool Open => _until is null && !_closed;

    /// <summary>The consumer to quiesce and resume along with the gate.</summary>
    public void Attach(IJobConsumer consumer)
    {
        lock (_lock)
            _consumer = consumer;
    }

    /// <summary>Before a fetch: false where the gate is closed. <see cref="Exit"/> follows a true.</summary>
    public bool TryEnter()
    {
        lock (_lock)
            return _fetching = Open;
    }

    /// <summary>After a fetch, when each job it brought has a slot or was handed back.</summary>
    public void Exit()
    {
        TaskCompletionSource? settled;
        lock (_lock)
        {
            _fetching = false;
            (settled, _settled) = (_settled, null);
        }

        settled?.TrySetResult();
    }

    public Task WaitForOpenAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (Open)
                return Task.CompletedTask;
            return (_opened ??= NewSignal()).Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes over what an earlier program of this process was told.</summary>
    public void Inherit(WorkerHold hold)
    {
        var ttl = hold.Until - _time.GetUtcNow();
        if (ttl <= TimeSpan.Zero)
            return;
        lock (_lock)
        {
            _heldAt = hold.HeldAt;
            HoldFor(ttl);
        }
    }

    /// <summary>Closes the gate for <paramref name="ttl"/> from now, and completes when no fetch is outstanding.</summary>
    /// <param name="ttl">How long.</param>
    /// <param name="heldAt">Whoever resumes by what was seen before that version of the pod comes too late; null for nobody does.</param>
    /// <param name="cancellationToken">Ends the wait; the gate stays closed.</param>
    public Task QuiesceAsync(TimeSpan ttl, ulong? heldAt, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (heldAt is not null && !(_heldAt > heldAt))
                _heldAt = heldAt;
            HoldFor(ttl);
        }

        return SettleAsync(cancellationToken);
    }

    /// <summary>Opens the gate, unless it is held at a later version; false where it is closed for good.</summary>
    /// <param name="seenAt">The version of the pod at which nobody wanted it gone; null opens it however it is held.</param>
    public bool Resume(ulong? seenAt = null)
    {
        TaskCompletionSource? opened;
        lock (_lock)
        {
            if (_heldAt > seenAt)
                return !_closed;
            (_until, _heldAt) = (null, null);
            if (_closed)
                return false;
            _consumer?.Resume();
            (opened, _opened) = (_opened, null);
        }

        opened?.TrySetResult();
        return true;
    }

    /// <summary>Closes the gate for good, and completes when no fetch is outstanding. What it brings is handed back.</summary>
    public Task CloseAsync(CancellationToken cancellationToken) => CloseForGoodAsync(finishes: false, cancellationToken);

    /// <summary>As <see cref="CloseAsync"/>, but what it brings is run.</summary>
    public Task FinishAsync(CancellationToken cancellationToken) => CloseForGoodAsync(finishes: true, cancellationToken);

    public void Dispose() => _expiry.Dispose();

    private void HoldFor(TimeSpan ttl)
    {
        _until = _time.GetUtcNow() + ttl;
        (_quiescedAt, _ttl) = (_time.GetTimestamp(), ttl);
        _expiry.Change(ttl, Timeout.InfiniteTimeSpan);
    }

    private Task CloseForGoodAsync(bool finishes, CancellationToken cancellationToken)
    {
        lock (_lock)
            (_closed, _finishes) = (true, finishes);

        return SettleAsync(cancellationToken);
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        IJobConsumer? consumer;
        Task settled;
        lock (_lock)
        {
            consumer = _consumer;
            settled = _fetching ? (_settled ??= NewSignal()).Task : Task.CompletedTask;
        }

        if (consumer is not null)
            await consumer.QuiesceAsync(cancellationToken).ConfigureAwait(false);
        await settled.WaitAsync(cancellationToken).ConfigureAwait(false);

        // Resumed while the consumer was being quiesced: it must not stay so.
        lock (_lock)
        {
            if (Open)
                consumer?.Resume();
        }
    }

    private void Expire()
    {
        lock (_lock)
        {
            if (_until is null)
                return;

            // Renewed just as the timer fired, or fired early.
            var left = _ttl - _time.GetElapsedTime(_quiescedAt);
            if (left > TimeSpan.Zero)
            {
                _expiry.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        Resume();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
