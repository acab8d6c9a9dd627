namespace K8sQueue.Kubernetes.Informers;

/// <summary>
/// Delays between attempts: a random share (full jitter) of 800 ms, doubled each time up to 30 s, and from the start again after two quiet
/// minutes. The figures are client-go's (tools/cache/reflector.go).
/// </summary>
internal sealed class Backoff(TimeProvider time, Func<double>? random = null)
{
    public static readonly TimeSpan Initial = TimeSpan.FromMilliseconds(800);
    public static readonly TimeSpan Cap = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan ResetAfter = TimeSpan.FromMinutes(2);

    private readonly Func<double> _random = random ?? Random.Shared.NextDouble;
    private TimeSpan _ceiling = Initial;
    private long? _last;

    /// <summary>The delay before the next attempt.</summary>
    public TimeSpan Next()
    {
        if (_last is { } last && time.GetElapsedTime(last) > ResetAfter)
            _ceiling = Initial;
        _last = time.GetTimestamp();
        var delay = _ceiling * _random();
        _ceiling = TimeSpan.FromTicks(Math.Min(_ceiling.Ticks * 2, Cap.Ticks));
        return delay;
    }
}
