namespace K8sQueue.Operator.Scaling;

/// <summary>
/// What a pool may take for the autoscaler's wish. <c>spec.replicas</c> alone can't be trusted on its way down: a <c>kubectl replace</c> of
/// a manifest without it sets it to 0, the HPA then disables itself, and KEDA writes 1. So the pool grows at once, shrinks only to the
/// highest wish of a window, and goes to zero only on KEDA's word: a zero without it is no wish at all. What was wanted before such a zero is
/// kept for as long as the HPA climbs back to it, which takes a big pool longer than a window.
/// </summary>
/// <remarks>One a pool, not thread-safe. After a restart it starts from what the status says, as after such a zero: it may have missed one.</remarks>
public sealed class ReplicaDemand
{
    private static readonly TimeSpan MinimumWindow = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan WindowMargin = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly List<Sample> _samples = [];

    // The demand before the last zero that was not meant, the highest wish since, and when that rose last.
    private int _kept;
    private int _climbed;
    private TimeSpan _roseAt;

    /// <param name="seed">The last known demand, from <c>status.desiredReplicas</c>.</param>
    public ReplicaDemand(int seed, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _start = time.GetTimestamp();
        _samples.Add(new Sample(TimeSpan.Zero, seed));
        _kept = seed;
    }

    /// <summary>Takes in <c>spec.replicas</c> as it is now.</summary>
    /// <param name="requested"><c>spec.replicas</c>.</param>
    /// <param name="pollingInterval">KEDA's.</param>
    /// <param name="zeroIsMeant">KEDA says that nothing is active, or is paused.</param>
    public DemandDecision Observe(int requested, TimeSpan pollingInterval, bool zeroIsMeant)
    {
        var now = _time.GetElapsedTime(_start);
        var window = Window(pollingInterval);
        if (requested == 0)
            return zeroIsMeant ? Zero(now) : Keep(now, window);
        if (_samples[^1].Replicas != requested)
            _samples.Add(new Sample(now, requested));
        Climb(requested, now, window);
        var highest = Highest(now - window);
        return new DemandDecision(highest, LookAgain(highest, now, window), AwaitsWord: false);
    }

    /// <summary>How long a wish counts: max(45 s, polling interval + 30 s).</summary>
    public static TimeSpan Window(TimeSpan pollingInterval) =>
        pollingInterval + WindowMargin > MinimumWindow ? pollingInterval + WindowMargin : MinimumWindow;

    private DemandDecision Zero(TimeSpan now)
    {
        _samples.Clear();
        _samples.Add(new Sample(now, 0));
        _kept = 0;
        return new DemandDecision(0, null, AwaitsWord: false);
    }

    private DemandDecision Keep(TimeSpan now, TimeSpan window)
    {
        _kept = Highest(now - window);
        (_climbed, _roseAt) = (0, now);
        return new DemandDecision(_kept, null, AwaitsWord: true);
    }

    /// <summary>What was kept is given up once the wish is back there, or has not risen for a window: then that is all there is to do.</summary>
    private void Climb(int requested, TimeSpan now, TimeSpan window)
    {
        if (requested > _climbed)
            (_climbed, _roseAt) = (requested, now);
        if (requested >= _kept || now - _roseAt >= window)
            _kept = 0;
    }

    /// <summary>A wish counts until the window after its successor's arrival is over: it held until then.</summary>
    private int Highest(TimeSpan oldest)
    {
        while (_samples.Count > 1 && _samples[1].At <= oldest)
            _samples.RemoveAt(0);
        return Math.Max(_kept, _samples.Max(sample => sample.Replicas));
    }

    private TimeSpan? LookAgain(int highest, TimeSpan now, TimeSpan window)
    {
        var last = _samples.FindLastIndex(sample => sample.Replicas == highest);
        if (last == _samples.Count - 1)
            return null;
        var left = last < 0 ? TimeSpan.Zero : _samples[last + 1].At + window - now;
        var kept = _kept == highest ? _roseAt + window - now : TimeSpan.Zero;
        return left > kept ? left : kept;
    }

    private readonly record struct Sample(TimeSpan At, int Replicas);
}

/// <summary>The demand that counts.</summary>
/// <param name="Replicas">Replicas.</param>
/// <param name="LookAgainAfter">When a smaller wish will count, if nothing changes until then; null for never.</param>
/// <param name="AwaitsWord">The wish is zero, and KEDA's word on it is not there.</param>
public readonly record struct DemandDecision(int Replicas, TimeSpan? LookAgainAfter, bool AwaitsWord);
