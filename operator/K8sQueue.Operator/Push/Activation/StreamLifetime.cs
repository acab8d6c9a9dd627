namespace K8sQueue.Operator.Push.Activation;

/// <summary>
/// When a stream ends by itself, with a status of OK. KEDA waits up to a minute after a broken stream, and forgets that only at the clean end
/// of a later one; but after a clean end it is deaf for two seconds. So a stream ends after some minutes while its pool has replicas, and is
/// kept for longer while the pool is at zero.
/// </summary>
internal sealed class StreamLifetime
{
    public static readonly TimeSpan Usual = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan AtZero = TimeSpan.FromMinutes(60);

    private const double Spread = 0.2;

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly double _factor;

    /// <param name="sample">From 0 to 1: spreads the ends, so that streams that began together don't end together.</param>
    public StreamLifetime(TimeProvider time, double sample)
    {
        (_time, _start) = (time, time.GetTimestamp());
        _factor = 1 - Spread + (2 * Spread * sample);
    }

    public bool IsOver(bool isAtZero) => _time.GetElapsedTime(_start) >= (isAtZero ? AtZero : Usual) * _factor;
}
