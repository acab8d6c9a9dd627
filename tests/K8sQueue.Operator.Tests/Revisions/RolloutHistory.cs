using System.Globalization;
using K8sQueue.Operator.Revisions;

namespace K8sQueue.Operator.Tests.Revisions;

/// <summary>
/// A pool over simulated ReplicaSets, kubelets and a budget: pods become ready late or never, leave slowly, are evicted; targets and templates change at
/// any moment. The bounds are checked at every plan.
/// </summary>
internal sealed class RolloutHistory
{
    private const int Deadline = 25;
    private const int Retry = Deadline * ProgressDeadline.RetryAfter;
    private const int Quiet = Retry + 20;

    private readonly Random _random;
    private readonly List<SimulatedRevision> _revisions = [];
    private readonly int? _capacity;
    private readonly int _slowness;
    private int _target;
    private int _maxSurge;
    private string? _stable;
    private SimulatedRevision _current;
    private int _now;
    private int _lastReady = int.MinValue;
    private int? _stalledAt;
    private int _names;

    public RolloutHistory(int seed)
    {
        _random = new Random(seed);
        _target = _random.Next(0, 16);
        _maxSurge = _random.Next(0, 5);
        _capacity = _random.Next(3) == 0 ? null : _random.Next(1, 20);
        _slowness = _random.Next(1, 30);
        _current = Add(isGood: true);
    }

    public int Rollouts { get; private set; }

    public int Stalls { get; private set; }

    private int Target => Math.Min(_target, _capacity ?? int.MaxValue);

    private IEnumerable<SimulatedPod> Pods => _revisions.SelectMany(revision => revision.Pods);

    private int Held => Pods.Count(pod => !pod.IsGated);

    private int? Free => _capacity - Held;

    private int? Spare => _capacity is { } capacity ? Math.Max(0, capacity - Target) : null;

    public void Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            if (_random.Next(12) == 0)
                Disturb();
            Step();
        }
    }

    /// <summary>Nobody touches anything any more, and the current revision works: in the end it alone serves the target.</summary>
    public void ConvergeToCurrent()
    {
        _current.IsGood = true;
        _target = Math.Max(1, _target);
        Settle();
        Require(_current.Pods.Count(pod => pod.IsReady) == Target, "the current revision serves the target");
        Require(_revisions.TrueForAll(revision => revision == _current || (revision.Replicas == 0 && revision.Pods.Count == 0)), "the others are gone");
        Require(Target == 0 || _stable == _current.Name, "it is the stable one");
    }

    /// <summary>The current revision never works, and there is one that does: it serves, but for what can't be had.</summary>
    public void FallBack()
    {
        ConvergeToCurrent();
        ReplaceTemplate(isGood: false);
        for (var step = 0; step < Retry; step++)
            Step();
        var changes = new List<string>();
        for (var step = 0; step < 40; step++)
        {
            Step();
            changes.Add(string.Join(' ', _revisions.Select(revision => revision.Replicas)));
        }

        var spared = _maxSurge > 0 && Spare is not 0 ? 0 : Math.Min(1, Target / 4);
        // A try begins every so often where none can be kept up.
        if (_now - _stalledAt < Retry - 60)
        {
            Require(Pods.Count(pod => pod.IsReady) >= Target - spared, "the stable revision serves");
            Require(changes.Distinct().Count() == 1, $"nothing goes to and fro ({string.Join(" | ", changes.Distinct())})");
        }
    }

    private void Settle()
    {
        var quiet = 0;
        for (var step = 0; step < 6000 && quiet < Quiet; step++)
        {
            var before = State();
            Step();
            quiet = State() == before ? quiet + 1 : 0;
        }

        Require(quiet == Quiet, "it settles");
    }

    private void Disturb()
    {
        switch (_random.Next(7))
        {
            case 0 or 1:
                _target = _random.Next(4) == 0 ? 0 : _random.Next(0, 16);
                break;
            case 2:
                ReplaceTemplate(_random.Next(3) > 0);
                break;
            case 3:
                _current = _revisions[_random.Next(_revisions.Count)];
                _current.Number = _revisions.Max(revision => revision.Number) + 1;
                NewRollout();
                break;
            case 4 when Pods.ToList() is { Count: > 0 } pods:
                pods[_random.Next(pods.Count)].Leave(_random.Next(_slowness));
                break;
            case 5:
                _current.IsGood = true;
                break;
            default:
                _maxSurge = _random.Next(0, 5);
                break;
        }
    }

    private void ReplaceTemplate(bool isGood)
    {
        _current = Add(isGood);
        NewRollout();
    }

    private void NewRollout()
    {
        Rollouts++;
        _stalledAt = null;
    }

    private SimulatedRevision Add(bool isGood)
    {
        var revision = new SimulatedRevision(string.Create(CultureInfo.InvariantCulture, $"r{_names++}"), isGood) { Number = _names };
        _revisions.Add(revision);
        return revision;
    }

    private void Step()
    {
        _now++;
        RunPods();
        Watch();
        var states = _revisions.ConvertAll(revision => revision.StateOf(revision == _current, Free));
        var bounds = new RolloutBounds(Target, _maxSurge) { Spare = Spare, Stable = _stable, IsStalled = _stalledAt is not null, HistoryLimit = 2 };
        var plan = RevisionRollout.Plan(bounds, states);
        Check(plan, states);
        Resize(plan);
        RunReplicaSets();
        Grant(plan);
    }

    private void RunPods()
    {
        foreach (var revision in _revisions)
        {
            revision.Pods.RemoveAll(pod => pod.LeavesIn-- == 0);
            foreach (var pod in revision.Pods.Where(pod => pod is { IsGated: false, IsLeaving: false, IsReady: false } && revision.IsGood && _random.Next(4) == 0))
            {
                pod.IsReady = true;
                if (revision == _current)
                    _lastReady = _now;
            }
        }
    }

    /// <summary>What <see cref="ProgressDeadline"/> and the status do, in steps instead of seconds.</summary>
    private void Watch()
    {
        var ready = _current.Pods.Count(pod => pod.IsReady);
        var hasOld = _revisions.Exists(revision => revision != _current && (revision.Replicas > 0 || revision.Pods.Exists(pod => !pod.IsLeaving)));
        if (!hasOld && Target > 0 && ready > 0)
            _stable = _current.Name;
        var waiting = _current.Pods.Where(pod => pod is { IsGated: false, IsReady: false, IsLeaving: false }).ToList();
        var start = waiting.Count == 0 ? int.MaxValue : Math.Max(waiting.Min(pod => pod.GrantedAt), _lastReady);
        var isOver = waiting.Count > 0 && start + Deadline <= _now;
        var isSaid = _stalledAt is { } since && _lastReady < since && ready < Math.Max(1, Target) && since + Retry > _now;
        var isStalled = (hasOld || _stable != _current.Name) && (isOver || isSaid);
        Stalls += isStalled && _stalledAt is null ? 1 : 0;
        _stalledAt = isStalled ? _stalledAt ?? _now : null;
    }

    private void Check(RolloutPlan plan, List<RevisionState> states)
    {
        var hasOld = states.Exists(state => !state.IsCurrent && state.Occupied > 0);
        var canSurge = _maxSurge > 0 && Spare is not 0;
        var missing = canSurge ? 0 : Math.Max(1, Target / 4);
        var grows = states.Exists(state => plan.Replicas[state.Name] > state.Replicas);
        var after = states.Sum(state => Math.Max(Math.Max(plan.Replicas[state.Name], state.Replicas), state.Active) + state.Terminating);
        Require(!hasOld || !grows || after <= Target + _maxSurge, "pods stay within the surge");
        var kept = states.Sum(state => Math.Min(plan.Replicas[state.Name], state.Ready));
        Require(kept >= Math.Min(Target - missing, states.Sum(state => state.Ready)), "workers that serve stay");
        foreach (var state in states)
        {
            var planned = plan.Replicas[state.Name];
            Require(planned >= 0 && planned <= Math.Max(Target, state.Replicas), "sizes are within reason");
            Require(!hasOld || state.Room is not { } room || planned <= Math.Max(state.Replicas, state.Granted + room), "nothing grows beyond the budget");
            Require(state.IsCurrent || planned <= state.Replicas || (_stalledAt is not null && state.Name == _stable), "old ones grow only in place of a stalled one");
        }

        Require(plan.Finished.All(name => states.Find(state => state.Name == name)!.Occupied == 0), "what has pods stays");
    }

    /// <summary>Growth is at once; a shrink takes one pod at a time, now and then, as drains do.</summary>
    private void Resize(RolloutPlan plan)
    {
        foreach (var revision in _revisions)
        {
            var planned = plan.Replicas[revision.Name];
            if (planned > revision.Replicas)
                revision.Replicas = planned;
            else if (planned < revision.Replicas && _random.Next(_slowness) < 5)
                revision.Replicas -= _random.Next(1, revision.Replicas - planned + 1);
        }
    }

    private void RunReplicaSets()
    {
        foreach (var revision in _revisions)
        {
            var active = revision.Pods.Where(pod => !pod.IsLeaving).ToList();
            for (var i = active.Count; i < revision.Replicas; i++)
                revision.Pods.Add(new SimulatedPod { IsGated = _capacity is not null, GrantedAt = _now });
            foreach (var victim in active.OrderByDescending(pod => pod.IsGated).ThenBy(pod => pod.IsReady).Take(active.Count - revision.Replicas))
                victim.Leave(victim.IsGated ? 0 : _random.Next(_slowness));
        }
    }

    private void Grant(RolloutPlan plan)
    {
        foreach (var revision in _revisions)
        {
            foreach (var pod in revision.Pods.Where(pod => pod is { IsGated: true, IsLeaving: false }))
            {
                if (Free > 0 && revision.Pods.Count(other => other is { IsGated: false, IsLeaving: false }) < plan.Replicas[revision.Name])
                    (pod.IsGated, pod.GrantedAt) = (false, _now);
            }
        }

        Require(Held <= (_capacity ?? int.MaxValue), "the budget holds");
    }

    private void Require(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException($"{what}: {Describe()}");
    }

    private (int, int, int) State() => (_revisions.Sum(revision => revision.Replicas * (revision.Number + 1)), Pods.Count(), Pods.Count(pod => pod.IsReady));

    private string Describe() => string.Create(CultureInfo.InvariantCulture,
        $"target {Target}, surge {_maxSurge}, capacity {_capacity}, stable {_stable}, stalled {_stalledAt is not null}: ")
        + string.Join(", ", _revisions.Where(revision => revision == _current || revision.Replicas > 0 || revision.Pods.Count > 0).Select(revision => revision + (revision == _current ? "*" : "")));
}

internal sealed class SimulatedRevision(string name, bool isGood)
{
    public string Name => name;

    public bool IsGood { get; set; } = isGood;

    public int Number { get; set; }

    public int Replicas { get; set; }

    public List<SimulatedPod> Pods { get; } = [];

    public RevisionState StateOf(bool isCurrent, int? free) => new(name, isCurrent)
    {
        Number = Number,
        Replicas = Replicas,
        Ready = Pods.Count(pod => pod is { IsReady: true, IsLeaving: false }),
        Active = Pods.Count(pod => !pod.IsLeaving),
        Terminating = Pods.Count(pod => pod.IsLeaving),
        Granted = Pods.Count(pod => pod is { IsGated: false, IsLeaving: false }),
        Room = free is null ? null : Math.Max(0, free.Value),
    };

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{name}{(IsGood ? "" : " (bad)")} {Replicas}: {Pods.Count(pod => pod.IsReady)} ready, {Pods.Count(pod => pod.IsGated)} gated, {Pods.Count(pod => pod.IsLeaving)} leaving of {Pods.Count}");
}

internal sealed class SimulatedPod
{
    public bool IsGated { get; set; }

    public bool IsReady { get; set; }

    public int GrantedAt { get; set; }

    /// <summary>Steps until it is gone; negative for not asked to.</summary>
    public int LeavesIn { get; set; } = -1;

    public bool IsLeaving => LeavesIn >= 0;

    public void Leave(int steps)
    {
        if (IsLeaving)
            return;
        (LeavesIn, IsReady) = (steps, false);
    }
}
