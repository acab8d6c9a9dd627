namespace K8sQueue.LocalCluster.Kubelet.Containers;

/// <summary>The end of a pod: when it was asked for, and until when its containers may take. The time can be shortened, never lengthened.</summary>
internal sealed class Termination(TimeProvider time) : IDisposable
{
    private readonly CancellationTokenSource _requested = new();
    private readonly CancellationTokenSource _expired = new(Timeout.InfiniteTimeSpan, time);
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private DateTimeOffset _deadline = DateTimeOffset.MaxValue;

    /// <summary>Completes when the end is asked for.</summary>
    public Task Started => _started.Task;

    public CancellationToken Requested => _requested.Token;

    /// <summary>The grace period is over.</summary>
    public CancellationToken Expired => _expired.Token;

    /// <summary>Asks for the end. Who waits for it is not run on the caller's thread, which may hold a lock.</summary>
    public void Request(TimeSpan grace)
    {
        lock (_lock)
        {
            var deadline = time.GetUtcNow() + grace;
            if (deadline < _deadline)
            {
                _deadline = deadline;
                if (grace <= TimeSpan.Zero)
                    _ = _expired.CancelAsync();
                else
                    _expired.CancelAfter(grace);
            }
        }

        _ = _requested.CancelAsync();
        _started.TrySetResult();
    }

    public void Dispose()
    {
        _requested.Dispose();
        _expired.Dispose();
    }
}
