namespace K8sQueue.Kubernetes.WorkQueues;

/// <summary>
/// Keys to be processed, each by one worker at a time; a key added while it is processed is processed once more afterwards, however often it
/// was added. After client-go's util/workqueue, with its delaying and rate limiting queues in one.
/// </summary>
/// <remarks>
/// A key is in <c>dirty</c> when it needs processing, in <c>processing</c> while a worker has it, and in the queue when it is dirty and not
/// processing.
/// </remarks>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Queue<(TKey Key, long Since)> _queue = new();
    private readonly HashSet<TKey> _dirty = [];
    private readonly Dictionary<TKey, long> _processing = [];
    private readonly LinkedList<TaskCompletionSource<(bool, TKey)>> _waiters = new();
    private readonly DelayedAdds<TKey> _delayed = new();
    private readonly string _name;
    private readonly IRateLimiter<TKey> _limiter;
    private readonly WorkQueueMetrics? _metrics;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private bool _shutDown;

    public WorkQueue(string name, IRateLimiter<TKey>? limiter = null, WorkQueueMetrics? metrics = null, TimeProvider? time = null)
    {
        _name = name;
        _limiter = limiter ?? new ItemExponentialFailureRateLimiter<TKey>();
        _metrics = metrics;
        _time = time ?? TimeProvider.System;
        _metrics?.Start(_name, Running);
        _timer = _time.CreateTimer(_ => ReleaseDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys that wait for a worker; delayed ones are not among them.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _queue.Count;
        }
    }

    /// <summary>Marks the key as needing processing.</summary>
    public void Add(TKey key)
    {
        lock (_gate)
            AddLocked(key);
    }

    /// <summary>Adds the key after the delay; of several delays that run for it the one that ends first counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        lock (_gate)
        {
            if (_shutDown)
                return;
            if (delay <= TimeSpan.Zero)
            {
                AddLocked(key);
                return;
            }

            _delayed.Add(key, Now() + delay.Ticks);
            ScheduleLocked();
        }
    }

    /// <summary>Adds the key after a failure, with the delay that its rate limiter gives.</summary>
    public void AddRateLimited(TKey key)
    {
        _metrics?.Retried(_name);
        AddAfter(key, _limiter.When(key));
    }

    /// <summary>The key's failures no longer count. Does not take it out.</summary>
    public void Forget(TKey key) => _limiter.Forget(key);

    /// <summary>Failures since the key was last forgotten.</summary>
    public int Failures(TKey key) => _limiter.Failures(key);

    /// <summary>
    /// The next key; the caller ends with <see cref="Done"/>. False after <see cref="ShutDown"/>, once the queue is empty.
    /// </summary>
    public ValueTask<(bool Taken, TKey Key)> TakeAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_queue.TryDequeue(out var item))
                return ValueTask.FromResult((true, StartLocked(item)));
            if (_shutDown)
                return ValueTask.FromResult((false, default(TKey)!));
            var waiter = _waiters.AddLast(new TaskCompletionSource<(bool, TKey)>(TaskCreationOptions.RunContinuationsAsynchronously));
            return new ValueTask<(bool, TKey)>(WaitAsync(waiter, cancellationToken));
        }
    }

    /// <summary>The key was processed. If it was added meanwhile, it is queued again.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            if (!_processing.Remove(key, out var since))
                return;
            _metrics?.Worked(_name, TimeSpan.FromTicks(Now() - since));
            if (_dirty.Contains(key))
                EnqueueLocked(key);
        }
    }

    /// <summary>Takes no more keys, and drops the delayed ones. What is queued is still given out.</summary>
    public void ShutDown()
    {
        lock (_gate)
        {
            _shutDown = true;
            _delayed.Clear();
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            foreach (var waiter in _waiters)
                waiter.TrySetResult((false, default!));
            _waiters.Clear();
        }
    }

    public void Dispose()
    {
        ShutDown();
        _metrics?.End(_name);
        _timer.Dispose();
    }

    private async Task<(bool, TKey)> WaitAsync(LinkedListNode<TaskCompletionSource<(bool, TKey)>> waiter, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.Register(() =>
        {
            lock (_gate)
            {
                // A key that was handed over already is not lost: the waiter is out of the list then.
                if (waiter.List is null)
                    return;
                _waiters.Remove(waiter);
                waiter.Value.TrySetCanceled(cancellationToken);
            }
        });
        return await waiter.Value.Task.ConfigureAwait(false);
    }

    private void AddLocked(TKey key)
    {
        if (_shutDown || !_dirty.Add(key))
            return;
        if (!_processing.ContainsKey(key))
            EnqueueLocked(key);

        // Last: a listener that throws must not leave a key half added.
        _metrics?.Added(_name);
    }

    private void EnqueueLocked(TKey key)
    {
        if (_waiters.First is { } waiter)
        {
            _waiters.RemoveFirst();
            waiter.Value.SetResult((true, StartLocked((key, Now()))));
            return;
        }

        _queue.Enqueue((key, Now()));
    }

    private TKey StartLocked((TKey Key, long Since) item)
    {
        var now = Now();
        _dirty.Remove(item.Key);
        _processing[item.Key] = now;
        _metrics?.Taken(_name, TimeSpan.FromTicks(now - item.Since));
        return item.Key;
    }

    private void ReleaseDue()
    {
        lock (_gate)
        {
            while (_delayed.TryTake(Now(), out var key))
                AddLocked(key);
            ScheduleLocked();
        }
    }

    private void ScheduleLocked()
    {
        if (_delayed.Next is not { } next)
            return;

        // Rounded up: a timer that fires a fraction early would otherwise spin until the time has come.
        var milliseconds = Math.Ceiling(TimeSpan.FromTicks(Math.Max(0, next - Now())).TotalMilliseconds);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Min(milliseconds, int.MaxValue)), Timeout.InfiniteTimeSpan);
    }

    private (TimeSpan Unfinished, TimeSpan Longest) Running()
    {
        lock (_gate)
        {
            var now = Now();
            var (sum, longest) = (0L, 0L);
            foreach (var since in _processing.Values)
                (sum, longest) = (sum + now - since, Math.Max(longest, now - since));
            return (TimeSpan.FromTicks(sum), TimeSpan.FromTicks(longest));
        }
    }

    // Monotonic, in TimeSpan ticks.
    private long Now() => _time.GetElapsedTime(0).Ticks;
}
