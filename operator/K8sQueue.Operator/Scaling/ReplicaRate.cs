namespace K8sQueue.Operator.Scaling;

/// <summary>Holds changes of a pool's size to so many pods a minute, over a sliding window.</summary>
/// <remarks>One a pool, not thread-safe. After a restart the window is empty: a minute's allowance at most is had twice.</remarks>
public sealed class ReplicaRate(TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly long _start = time.GetTimestamp();
    private readonly List<(TimeSpan At, int Change)> _changes = [];

    /// <summary>The size to take now, on the way from the current to the wanted one.</summary>
    public RateDecision Next(int current, int wanted, int? maxUp, int? maxDown)
    {
        var now = time.GetElapsedTime(_start);
        _changes.RemoveAll(change => change.At + Window <= now);
        var limit = wanted > current ? maxUp : maxDown;
        var used = _changes.Where(change => change.Change > 0 == wanted > current).Sum(change => Math.Abs(change.Change));
        var step = Math.Min(Math.Abs(wanted - current), limit is { } most ? Math.Max(0, most - used) : int.MaxValue);
        var next = wanted > current ? current + step : current - step;
        if (next != current)
            _changes.Add((now, next - current));
        return new RateDecision(next, next == wanted ? null : _changes.Min(change => change.At) + Window - now);
    }
}

/// <param name="Replicas">The size to take.</param>
/// <param name="LookAgainAfter">When more may be done; null where the wanted size is reached.</param>
public readonly record struct RateDecision(int Replicas, TimeSpan? LookAgainAfter);
