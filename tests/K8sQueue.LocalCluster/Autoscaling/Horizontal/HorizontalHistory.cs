namespace K8sQueue.LocalCluster.Autoscaling.Horizontal;

/// <summary>What a HorizontalPodAutoscaler remembers: recommendations, for stabilization, and changes it made, for the policies.</summary>
internal sealed class HorizontalHistory
{
    /// <summary>The longest window the API allows is an hour.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly List<(DateTimeOffset At, int Replicas)> _recommendations = [];
    private readonly List<(DateTimeOffset At, int Change)> _changes = [];

    /// <summary>Without a recommendation the present size counts as one: a restart does not shrink at once.</summary>
    public void Begin(int current, DateTimeOffset now)
    {
        if (_recommendations.Count == 0)
            _recommendations.Add((now, current));
    }

    public void Recommend(int replicas, DateTimeOffset now)
    {
        _recommendations.RemoveAll(r => r.At < now - Longest);
        _recommendations.Add((now, replicas));
    }

    /// <param name="change">More is positive.</param>
    public void Changed(int change, DateTimeOffset now)
    {
        _changes.RemoveAll(c => c.At < now - Longest);
        _changes.Add((now, change));
    }

    /// <summary>The recommendations of the window before now.</summary>
    public IEnumerable<int> Recommended(int seconds, DateTimeOffset now) => _recommendations.Where(r => r.At > now.AddSeconds(-seconds)).Select(r => r.Replicas);

    /// <summary>The replicas at the beginning of the period, by what was added and removed since.</summary>
    public int AtPeriodStart(int current, int seconds, DateTimeOffset now) => current - _changes.Where(c => c.At > now.AddSeconds(-seconds)).Sum(c => c.Change);
}
