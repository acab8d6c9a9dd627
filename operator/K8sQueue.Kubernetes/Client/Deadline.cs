namespace K8sQueue.Kubernetes.Client;

/// <summary>Until when a call may take, and the token that says so; the caller's own cancellation is told apart from it.</summary>
internal sealed class Deadline : IDisposable
{
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _linked;
    private readonly CancellationToken _caller;
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly long _start;

    public Deadline(TimeSpan limit, TimeProvider time, CancellationToken caller)
    {
        _limit = limit;
        _time = time;
        _caller = caller;
        _start = time.GetTimestamp();
        _timeout = new CancellationTokenSource(limit, time);
        _linked = CancellationTokenSource.CreateLinkedTokenSource(_timeout.Token, caller);
    }

    public CancellationToken Token => _linked.Token;

    /// <summary>Whether time ran out, and the caller did not cancel.</summary>
    public bool IsExceeded => _timeout.IsCancellationRequested && !_caller.IsCancellationRequested;

    /// <summary>Whether that wait would still end before it.</summary>
    public bool Allows(TimeSpan wait) => _time.GetElapsedTime(_start) + wait < _limit;

    public KubernetesApiException Exceeded(KubernetesRequest request, Exception inner) =>
        new($"{request.Method} {request.Path}: no answer within {_limit.TotalSeconds:0.#} s.", inner);

    public void Dispose()
    {
        _linked.Dispose();
        _timeout.Dispose();
    }
}
