namespace K8sQueue.Operator.Push.Activation;

/// <summary>
/// When to tell KEDA that a pool at zero has work: at once, and again for as long as the pool stays at zero. KEDA drops what it hears before
/// it knows its own metrics, or while the API server refuses it, and says nothing.
/// </summary>
internal sealed class ActivationRepeat(TimeProvider time)
{
    public static readonly TimeSpan First = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private long? _saidAt;
    private TimeSpan _pause;

    /// <summary>Whether to say it now.</summary>
    public bool Next(bool active)
    {
        if (!active)
        {
            Reset();
            return false;
        }

        if (_saidAt is { } said && time.GetElapsedTime(said) < _pause)
            return false;
        _pause = _saidAt is null ? First : _pause * 2 < Longest ? _pause * 2 : Longest;
        _saidAt = time.GetTimestamp();
        return true;
    }

    /// <summary>The pool is not at zero, or there is nothing to do.</summary>
    public void Reset() => (_saidAt, _pause) = (null, default);
}
