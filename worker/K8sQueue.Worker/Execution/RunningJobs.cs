namespace K8sQueue.Worker.Execution;

/// <summary>The worker's slots and who is in them.</summary>
internal sealed class RunningJobs(int capacity)
{
    private readonly Lock _lock = new();
    private readonly HashSet<RunningJob> _jobs = [];
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

    /// <summary>Those whose handler has started.</summary>
    public int Started
    {
        get
        {
            lock (_lock)
                return _jobs.Count(job => job.HasStarted);
        }
    }

    public int Free => Capacity - Count;

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
        }
    }

    public void Remove(RunningJob job)
    {
        TaskCompletionSource? freed;
        lock (_lock)
        {
            _jobs.Remove(job);
            (freed, _freed) = (_freed, null);
        }

        freed?.TrySetResult();
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

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
