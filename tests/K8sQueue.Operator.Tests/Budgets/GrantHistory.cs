using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Controllers.ConnectionBudgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Budgets;

/// <summary>
/// One random history: two leaders at a time grant, crash between any two of their calls, and write late; pods start, end, are lost and forced
/// out, isolated for long; capacities change. Single-threaded: every API call waits until the history lets it through. After each step the
/// budgets must hold; pods that held, or were about to, when a capacity was lowered are the one exception.
/// </summary>
internal sealed class GrantHistory
{
    private const int LostHoldSeconds = 60;
    private static readonly string[] Charges = ["""{"a":3}""", """{"a":2,"b":1}""", """{"b":2}"""];

    private static readonly Dictionary<string, int> Usable = new() { ["a"] = 8, ["b"] = 5 };

    private readonly Random _random;
    private readonly ManualTimeProvider _time = new();
    private readonly FakeCluster _cluster;
    private readonly List<Leader> _leaders = [];
    private readonly List<PausedCall> _calls = [];
    private readonly Dictionary<string, (V1Pod Pod, DateTimeOffset Until)> _lost = [];
    private readonly Dictionary<string, int> _usable = new(Usable);
    private readonly Dictionary<string, HashSet<string>> _grandfathered = new() { ["a"] = [], ["b"] = [] };
    private (string Version, IReadOnlyList<V1Pod> Pods) _seen = ("", []);
    private int _pods;

    public GrantHistory(int seed)
    {
        _random = new Random(seed);
        _cluster = new FakeCluster(_time);
        _cluster.Create(Samples.Budget("a", Usable["a"] + 1, reserved: 1, LostHoldSeconds));
        // The other one's capacity is what its server said.
        var discovered = Samples.Budget("b", 1, reserved: 1, LostHoldSeconds);
        (discovered.Spec.Capacity, discovered.Spec.Redis) = (null, new RedisServerSpec { Address = "redis:6379" });
        _cluster.Create(discovered);
        SetCapacity("b", Usable["b"]);
        NewLeader();
        NewLeader();
    }

    public int Granted { get; private set; }

    public int Crashes { get; private set; }

    public int Conflicts { get; private set; }

    public int CapacityChanges { get; private set; }

    public void Run(int steps)
    {
        for (var step = 0; step < steps; step++)
        {
            Step();
            Check();
        }
    }

    /// <summary>Lets everything that is under way end, and grants what is left: nothing may stay stuck.</summary>
    public void Converge()
    {
        while (_calls.Count > 0)
        {
            Release(_calls[0], fail: false);
            Check();
        }

        foreach (var (budget, usable) in Usable)
            SetCapacity(budget, usable);
        foreach (var pod in _cluster.List<V1Pod>(Samples.Namespace).Where(pod => !pod.IsGated()))
            End(pod, confirmed: true);
        foreach (var isolated in _cluster.List<V1Pod>(Samples.Namespace).Where(pod => pod.Label(Labels.Pool) is null))
            End(isolated, confirmed: true);
        // As the ReplicaSet does where fewer are wanted.
        foreach (var surplus in _cluster.List<V1Pod>(Samples.Namespace).GroupBy(pod => pod.Label(Labels.Pool)).SelectMany(pool => pool.Skip(1)))
            End(surplus, confirmed: true);
        _lost.Clear();
        for (var round = 0; round < 2; round++)
        {
            foreach (var budget in _usable.Keys)
                Alone(_leaders[0].Settle(budget));
            _time.Advance(TimeSpan.FromSeconds(LostHoldSeconds + 1));
        }

        foreach (var pool in Enumerable.Range(0, Charges.Length))
            Alone(_leaders[0].Grant(Request(pool, limit: 1)));
        _cluster.List<V1Pod>(Samples.Namespace).Should().NotContain(pod => pod.IsGated(), "there is room for one pod of every pool");
    }

    private void Alone(Task task)
    {
        while (_calls.Count > 0)
            Release(_calls[0], fail: false);
        task.IsCompletedSuccessfully.Should().BeTrue();
        Check();
    }

    private void Step()
    {
        // Half of the steps let a call through: a grant takes eight of them and more.
        switch (_random.Next(26))
        {
            case 0 or 1 when Pods.Count < 10:
                NewPod();
                break;
            case 2 or 3:
                _ = _leaders[_random.Next(_leaders.Count)].Grant(Request(_random.Next(Charges.Length), _random.Next(1, 5)));
                break;
            case 4 when _random.Next(4) == 0:
                Crash();
                break;
            case 4:
                _ = _leaders[_random.Next(_leaders.Count)].Settle(_random.Next(2) == 0 ? "a" : "b");
                break;
            case 5:
                Any(pod => !pod.IsGated() && !pod.HasEnded(), pod => _cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, Samples.Start));
                break;
            case 6:
                Any(_ => true, pod => End(pod, confirmed: _random.Next(3) > 0));
                break;
            case 7:
                Any(pod => pod.Spec.NodeName is not null && !pod.HasEnded(), Lose);
                break;
            case 12:
                // Most that are isolated stay so: longer than anything is held.
                Any(pod => pod.Label(Labels.Pool) is null ? _random.Next(6) == 0 : !pod.IsGated() || _random.Next(4) == 0, Relabel);
                break;
            case 14 when _random.Next(3) == 0:
                ChangeCapacity();
                break;
            case 13:
                Relist(_leaders[_random.Next(_leaders.Count)]);
                break;
            case 8:
                _time.Advance(TimeSpan.FromSeconds(_random.Next(1, 2 * LostHoldSeconds)));
                foreach (var uid in _lost.Where(lost => lost.Value.Until <= _time.GetUtcNow()).Select(lost => lost.Key).ToList())
                    _lost.Remove(uid);
                break;
            default:
                if (_calls.Count > 0)
                    Release(_calls[_random.Next(_calls.Count)], fail: _random.Next(15) == 0);
                break;
        }
    }

    private IReadOnlyList<V1Pod> Pods
    {
        get
        {
            if (_seen.Version != _cluster.Version)
                _seen = (_cluster.Version, _cluster.List<V1Pod>(Samples.Namespace));
            return _seen.Pods;
        }
    }

    private List<V1Pod> Holding => [.. Pods.Where(pod => !pod.IsGated() && !pod.HasEnded()), .. _lost.Values.Select(lost => lost.Pod)];

    private void Check()
    {
        var holding = Holding;
        foreach (var (budget, usable) in _usable)
        {
            var holders = holding.Where(pod => pod.Charges()!.GetValueOrDefault(budget) > 0).ToList();
            var held = holders.Sum(pod => pod.Charges()![budget]);
            if (held > usable && !holders.TrueForAll(pod => _grandfathered[budget].Contains(pod.Metadata.Uid!)))
                throw new InvalidOperationException($"{held} of {usable} connections of {budget} are held by {string.Join(", ", holders.Select(pod => pod.Metadata.Name))}");
        }
    }

    private void ChangeCapacity()
    {
        CapacityChanges++;
        var budget = _random.Next(2) == 0 ? "a" : "b";
        var status = _cluster.Get<V1Alpha1ConnectionBudget>(budget, Samples.Namespace)!.Status;
        var usable = _random.Next(2, Usable[budget] + 4);
        if (usable < _usable[budget])
            _grandfathered[budget] = [.. Holding.Select(pod => pod.Metadata.Uid!), .. (status?.Pending ?? []).Select(holder => holder.Uid)];
        SetCapacity(budget, usable);
    }

    private void SetCapacity(string name, int usable)
    {
        _usable[name] = usable;
        _cluster.Change<V1Alpha1ConnectionBudget>(name, Samples.Namespace, budget =>
        {
            if (budget.Spec.Redis is null)
                budget.Spec.Capacity = usable + budget.Spec.Reserved;
            else
                (budget.Status ??= new()).Discovered = new() { Capacity = usable + budget.Spec.Reserved, Source = BudgetCapacity.SourceOf(budget.Spec)! };
        });
    }

    private void NewPod()
    {
        var pool = _random.Next(Charges.Length);
        _cluster.Create(Samples.GatedPod(FormattableString.Invariant($"pod-{_pods++}"), Name(pool), "r1", Charges[pool]));
    }

    private GrantRequest Request(int pool, int limit) => new(
        Samples.Namespace, Name(pool), new Dictionary<string, int> { ["r1"] = limit },
        Pods.Select(pod => pod.Metadata.Uid!).ToHashSet());

    /// <summary>It ends as pods do: reported, then deleted; the watch's last event reaches the leaders, or does not.</summary>
    private void End(V1Pod pod, bool confirmed)
    {
        var last = pod.IsGated() ? pod : _cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, Samples.End);
        _cluster.Delete<V1Pod>(pod.Metadata.Name!, Samples.Namespace);
        if (!confirmed)
            return;
        last.Metadata.DeletionTimestamp ??= _time.GetUtcNow();
        foreach (var leader in _leaders)
            leader.Ended.Observe(new(last, null));
    }

    /// <summary>Forced out of the API while the process runs on, for less than the hold.</summary>
    private void Lose(V1Pod pod)
    {
        _cluster.Delete<V1Pod>(pod.Metadata.Name!, Samples.Namespace);
        _lost[pod.Metadata.Uid!] = (pod, _time.GetUtcNow().AddSeconds(_random.Next(1, LostHoldSeconds)));
        foreach (var leader in _leaders)
            leader.Ended.Observe(new(pod, null));
    }

    /// <summary>Isolates a pod, or takes it back. A watch of the label says "deleted" with the state before, and "added".</summary>
    private void Relabel(V1Pod pod)
    {
        var isIsolated = pod.Label(Labels.Pool) is null;
        var after = _cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, item =>
        {
            if (!isIsolated)
                item.Metadata.Labels!.Remove(Labels.Pool, out _);
            else
                item.Metadata.Labels![Labels.Pool] = Name(0);
        });
        foreach (var leader in _leaders)
            leader.Ended.Observe(isIsolated ? new(null, after) : new(pod, null));
    }

    /// <summary>A leader lost its watch, and its list shows which pods went since: all it has of them is how they were made.</summary>
    private void Relist(Leader leader)
    {
        foreach (var (pod, _) in _lost.Values)
        {
            var stale = OperatorJson.Clone(pod);
            stale.Spec.NodeName = null;
            stale.Metadata.DeletionTimestamp = _time.GetUtcNow();
            leader.Ended.Observe(new(stale, null, IsMissed: true));
        }
    }

    private void Any(Func<V1Pod, bool> which, Action<V1Pod> what)
    {
        var pods = Pods.Where(which).ToList();
        if (pods.Count > 0)
            what(pods[_random.Next(pods.Count)]);
    }

    private void Crash()
    {
        Crashes++;
        var leader = _leaders[_random.Next(_leaders.Count)];
        leader.IsDead = true;
        _leaders.Remove(leader);
        // What it had sent may still arrive, any time later; what it would have sent next never will.
        if (_random.Next(2) == 0)
            _calls.RemoveAll(call => call.Leader == leader);
        NewLeader();
    }

    private void NewLeader() => _leaders.Add(new Leader(this));

    private void Release(PausedCall call, bool fail)
    {
        _calls.Remove(call);
        if (!fail)
        {
            call.Pause.SetResult();
            return;
        }

        Conflicts++;
        call.Pause.SetException(call.Name.StartsWith("status", StringComparison.Ordinal)
            ? new KubernetesApiException(HttpStatusCode.Conflict, "Conflict", "injected")
            : new KubernetesApiException(HttpStatusCode.InternalServerError, null, "injected"));
    }

    private static string Name(int pool) => FormattableString.Invariant($"pool{pool}");

    private sealed record PausedCall(Leader Leader, string Name, TaskCompletionSource Pause);

    private sealed class Leader
    {
        private readonly GrantHistory _history;
        private readonly GrantProtocol _protocol;
        private readonly FakeKubernetesClient _client;
        private readonly PoolStores _stores;

        public Leader(GrantHistory history)
        {
            _history = history;
            Ended = new EndedPods(history._time);
            _client = new FakeKubernetesClient(history._cluster) { Before = PauseAsync };
            _stores = FakeStores.Over(history._cluster);
            _protocol = new GrantProtocol(_client, Ended, history._time);
        }

        public EndedPods Ended { get; }

        public bool IsDead { get; set; }

        public async Task Grant(GrantRequest request)
        {
            try
            {
                _history.Granted += (await _protocol.GrantAsync(request, CancellationToken.None)).Granted;
            }
            catch (KubernetesApiException)
            {
                // As the controller does: another try later.
            }
        }

        public async Task Settle(string budget)
        {
            // Locks of its own each time: they only spare conflicts, and there shall be some.
            var controller = new ConnectionBudgetController(
                _client, _stores, Ended, new KeyedLocks(), (_, _, _, _, _) => Task.CompletedTask, _history._time);
            try
            {
                await controller.ReconcileAsync(_history._cluster.Get<V1Alpha1ConnectionBudget>(budget, Samples.Namespace)!, CancellationToken.None);
            }
            catch (KubernetesApiException)
            {
                // As above.
            }
        }

        private Task PauseAsync(string call)
        {
            var pause = new TaskCompletionSource();
            if (!IsDead)
                _history._calls.Add(new PausedCall(this, call, pause));
            return pause.Task;
        }
    }
}
