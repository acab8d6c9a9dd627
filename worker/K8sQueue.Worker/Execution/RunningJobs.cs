namespace K8sQueue.Worker.Execution;

/// <summary>
/// The worker's slots and who is in them. A handler that ignores its time-out is abandoned: its job is recorded as failed, and its slot is
/// replaced, up to <paramref name="maxReplaced"/> at a time, so that one bad handler does not end a worker's work.
/// </summary>
internal sealed class RunningJobs(int capacity, int maxReplaced)
{
    private readonly Lock _lock = new();
    private readonly HashSet<RunningJob> _jobs = [];
    private readonly HashSet<RunningJob> _abandoned = [];
    private readonly HashSet<RunningJob> _replaced = [];
    private TaskCompletionSource? _freed;

    public int Capacity { get; } = capacity;

    public int Count
    {
        get
        {
            lock (_lock)
                return _jobs.Count;
        }
    }

    /// <summary>Jobs that ever had a slot.</summary>
    public long Total { get; private set; }

    /// <summary>Those whose handler has started.</summary>
    public int Started
    {
        get
        {
            lock (_lock)
                return _jobs.Count(job => job.HasStarted);
        }
    }

    /// <summary>Handlers that ignored their time-outs and still run.</summary>
    public int Abandoned
    {
        get
        {
            lock (_lock)
                return _abandoned.Count;
        }
    }

    /// <summary>Whether as many handlers ignore their time-outs as the worker can replace.</summary>
    public bool AllAbandoned => Abandoned >= maxReplaced;

    public int FreeSlots => Capacity - Count;

    public IReadOnlyList<RunningJob> Snapshot()
    {
        lock (_lock)
            return [.. _jobs];
    }

    /// <exception cref="InvalidOperationException">There is no free slot.</exception>
    public void Add(RunningJob job)
    {
        lock (_lock)
        {
            if (_jobs.Count >= Capacity)
                throw new InvalidOperationException($"All {Capacity} slots are taken.");
            _jobs.Add(job);
            Total++;
        }
    }

    /// <summary>The handler of the job ignores its time-out.</summary>
    public void Abandon(RunningJob job)
    {
        lock (_lock)
            _abandoned.Add(job);
    }

    /// <summary>The outcome of the job is settled, and its handler still runs.</summary>
    public void Replace(RunningJob job)
    {
        lock (_lock)
        {
            if (!_abandoned.Contains(job) || _replaced.Count >= maxReplaced)
                return;
            _replaced.Add(job);
        }

        job.Turn?.Release();
        Free(job);
    }

    /// <summary>Handler and outcome of the job have ended.</summary>
    public void Remove(RunningJob job)
    {
        RunningJob? next = null;
        lock (_lock)
        {
            _abandoned.Remove(job);
            if (_replaced.Remove(job))
                next = _abandoned.FirstOrDefault(other => other.IsSettled && !_replaced.Contains(other));
        }

        Free(job);
        if (next is not null)
            Replace(next);
    }

    /// <summary>Completes when a slot is free. Only the fetch loop takes slots, so it still is when the loop looks.</summary>
    public Task WaitForFreeAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_jobs.Count < Capacity)
                return Task.CompletedTask;
            return (_freed ??= NewSignal()).Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Completes when the outcome of every job that is in a slot now is settled.</summary>
    public Task WaitForSettledAsync() => Task.WhenAll(Snapshot().Select(job => job.WhenSettled));

    private void Free(RunningJob job)
    {
        TaskCompletionSource? freed;
        lock (_lock)
        {
            _jobs.Remove(job);
            (freed, _freed) = (_freed, null);
        }

        freed?.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
