using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// What a pool's scale-ins remember. All of it may be lost: chosen pods carry an annotation, and their workers fetch again by themselves.
/// Not thread-safe: a pool is reconciled by one at a time.
/// </summary>
internal sealed class DrainMemory
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ReplicaSetActs = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, DateTimeOffset> _draining = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _released = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _spared = new(StringComparer.Ordinal);
    private readonly HashSet<string> _deleted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DrainVerdict Verdict, DateTimeOffset At)> _expected = new(StringComparer.Ordinal);
    private readonly HashSet<string> _late = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _owed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DrainWaits> _waits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _fruitless = new(StringComparer.Ordinal);
    private readonly List<DateTimeOffset> _removals = [];
    private readonly Dictionary<string, (int Replicas, long Generation)> _lowered = new(StringComparer.Ordinal);

    /// <summary>What the workers said last.</summary>
    public AnswerBook Answers { get; } = new();

    /// <summary>Names of pods that run, and of which nobody knows how busy they are, while some have to go.</summary>
    public IEnumerable<string> Unreachable => _waits.Values.SelectMany(waits => waits.Unreachable.Values);

    /// <summary>Names of pods that are waited for longer than the bound, since all have to go.</summary>
    public IEnumerable<string> Late => _waits.Values.SelectMany(waits => waits.Late.Values);

    public int Draining => _draining.Count;

    public DateTimeOffset? Oldest => _draining.Count == 0 ? null : _draining.Values.Min();

    public bool IsDraining(string uid) => _draining.ContainsKey(uid);

    public DateTimeOffset? SparedAt(string uid) => _spared.TryGetValue(uid, out var at) ? at : null;

    public DateTimeOffset? DrainingSince(string uid) => _draining.TryGetValue(uid, out var at) ? at : null;

    /// <summary>Deleted by this process, though the cache may not show it yet.</summary>
    public bool IsDeleted(string uid) => _deleted.Contains(uid);

    /// <summary>The replicas were lowered for it, and the ReplicaSet may not have acted yet. What it spares is seen again.</summary>
    public bool IsExpected(string uid, V1Deployment deployment, DateTimeOffset now) =>
        _expected.TryGetValue(uid, out var entry) && entry.At + ReplicaSetActs > now && IsShrinking(deployment);

    /// <summary>The replicas are lowered so that the ReplicaSet takes some of these.</summary>
    public void Expect(string uid, DrainVerdict verdict, DateTimeOffset now) => _expected[uid] = (verdict, now);

    /// <summary>Brings it in line with the pods that there are: those chosen by an earlier leader are taken over.</summary>
    /// <returns>What became of those that a ReplicaSet has taken since.</returns>
    public IReadOnlyList<DrainVerdict> Observe(IReadOnlyList<V1Pod> pods, DateTimeOffset now)
    {
        var active = pods.Where(PodStages.IsActive).ToDictionary(pod => pod.Metadata.Uid!, StringComparer.Ordinal);
        _deleted.RemoveWhere(uid => !active.ContainsKey(uid));
        _late.RemoveWhere(uid => !active.ContainsKey(uid));
        foreach (var lost in _draining.Keys.Concat(_spared.Keys).Concat(_owed.Keys).Where(uid => !active.ContainsKey(uid)).ToList())
        {
            _draining.Remove(lost);
            _spared.Remove(lost);
            _owed.Remove(lost);
        }

        Answers.KeepOnly(active.ContainsKey);
        foreach (var waits in _waits.Values)
            waits.KeepOnly(active.ContainsKey);
        foreach (var uid in _released.Where(entry => entry.Value + Minute < now).Select(entry => entry.Key).ToList())
            _released.Remove(uid);
        foreach (var (uid, pod) in active)
        {
            if (pod.DrainingSince() is { } since && !_released.ContainsKey(uid) && !_deleted.Contains(uid))
                _draining.TryAdd(uid, since);
        }

        var taken = _expected.Where(entry => !active.ContainsKey(entry.Key)).ToList();
        foreach (var (uid, _) in taken)
            _expected.Remove(uid);
        return [.. taken.Select(entry => entry.Value.Verdict)];
    }

    /// <summary>
    /// When a mark that came back is taken up: right after a worker was taken back, an old one may only be the cache's, and later it is another
    /// leader's that came late.
    /// </summary>
    public TimeSpan? NextTakeUp(IReadOnlyList<V1Pod> pods, DateTimeOffset now)
    {
        var marked = pods.Where(pod => pod.IsActive() && pod.DrainingSince() is not null && _released.ContainsKey(pod.Metadata.Uid!)).ToList();
        return marked.Count == 0 ? null : marked.Min(pod => _released[pod.Metadata.Uid!]) + Minute - now + TimeSpan.FromSeconds(1);
    }

    /// <summary>A Deployment's replicas were lowered by this process, though the cache may not show it yet.</summary>
    /// <param name="lowered">As the API server answered.</param>
    public void Lower(V1Deployment lowered) => _lowered[lowered.Metadata.Uid!] = (lowered.Spec.Replicas ?? 0, lowered.Metadata.Generation ?? 0);

    /// <summary>The replicas that a Deployment surely asks for: no more may be granted, or one that the ReplicaSet is about to take is.</summary>
    public int ReplicasOf(V1Deployment deployment)
    {
        var replicas = deployment.Spec.Replicas ?? 0;
        return _lowered.TryGetValue(deployment.Metadata.Uid!, out var lowered) && deployment.Metadata.Generation < lowered.Generation
            ? Math.Min(lowered.Replicas, replicas)
            : replicas;
    }

    /// <summary>Its ReplicaSet may be about to remove pods: until it has, a size that grows again could make it take others.</summary>
    public bool IsShrinking(V1Deployment deployment) =>
        deployment.Status is { } status
        && (status.Replicas > deployment.Spec.Replicas
            || (_lowered.TryGetValue(deployment.Metadata.Uid!, out var lowered) && (status.ObservedGeneration ?? 0) < lowered.Generation));

    public void Choose(string uid, DateTimeOffset now)
    {
        _draining.TryAdd(uid, now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)));
        _released.Remove(uid);
        _owed.Remove(uid);
    }

    /// <summary>It was taken back.</summary>
    public void Release(string uid, DateTimeOffset now, bool isLate)
    {
        _draining.Remove(uid);
        _late.Remove(uid);
        _expected.Remove(uid);
        // It fetches again: that it did not is no news any more.
        Answers.Forget(uid);
        _released[uid] = now;
        if (isLate)
            _spared[uid] = now;
    }

    /// <summary>It was taken back and did not say that it fetches again. It does so by itself then.</summary>
    public void Owe(string uid, TimeSpan until) => _owed[uid] = until;

    public void Settle(string uid) => _owed.Remove(uid);

    public bool IsOwed(string uid, TimeSpan clock) => _owed.TryGetValue(uid, out var until) && until > clock;

    public void Delete(string uid, DateTimeOffset now)
    {
        _draining.Remove(uid);
        _deleted.Add(uid);
        CountRemovals(1, now);
    }

    public void CountRemovals(int count, DateTimeOffset now) => _removals.AddRange(Enumerable.Repeat(now, count));

    /// <summary>True the first time.</summary>
    public bool ReportLate(string uid) => _late.Add(uid);

    /// <summary>Workers removed within the last minute.</summary>
    public int RemovedWithinMinute(DateTimeOffset now)
    {
        _removals.RemoveAll(at => at + Minute <= now);
        return _removals.Count;
    }

    public TimeSpan? NextAllowance(DateTimeOffset now) => _removals.Count == 0 ? null : _removals.Min() + Minute - now;

    /// <summary>What keeps a Deployment's scale-in waiting, until the next look at it; null for nothing.</summary>
    public void Report(V1Deployment deployment, DrainWaits? waits)
    {
        if (waits is null or { Unreachable.Count: 0, Late.Count: 0 })
            _waits.Remove(deployment.Metadata.Uid!);
        else
            _waits[deployment.Metadata.Uid!] = waits;
    }

    /// <summary>How often in a row nothing could be removed from it.</summary>
    /// <param name="isFruitless">This time again.</param>
    public int CountFruitless(V1Deployment deployment, bool isFruitless)
    {
        if (isFruitless)
            return _fruitless[deployment.Metadata.Uid!] = _fruitless.GetValueOrDefault(deployment.Metadata.Uid!) + 1;
        _fruitless.Remove(deployment.Metadata.Uid!);
        return 0;
    }
}
