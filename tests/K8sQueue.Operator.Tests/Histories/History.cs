using System.Net;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Tests.Histories.Apis;
using K8sQueue.Operator.Tests.Histories.Clusters;
using K8sQueue.Operator.Tests.Histories.Operators;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Histories;

/// <summary>
/// One random history of the whole operator over a simulated cluster. Single-threaded and without a clock: a seed always gives the same one.
/// </summary>
internal sealed class History
{
    // A request is not under way for longer: less than lostHoldSeconds, which is what a budget's deletion waits for.
    private static readonly TimeSpan LongestCall = TimeSpan.FromSeconds(40);

    private readonly ManualTimeProvider _time = new();
    private readonly Queue<string> _trace = new();
    private readonly List<OperatorProcess> _operators = [];
    private readonly List<ApiCall> _calls = [];
    private readonly Random _random;
    private readonly int _traceLength;
    private readonly BudgetInvariant _invariant;
    private readonly Holds _holds;
    private int _operatorsMade;

    public History(int seed, int traceLength = 0)
    {
        _random = new Random(seed);
        _traceLength = traceLength;
        _holds = new Holds(_random);
        Api = new Api(_time, Trace, traceLength > 0);
        Cluster = new Cluster(Api, _time, _random, Trace);
        Nodes = new Nodes(Cluster);
        Kubelets = new Kubelets(Cluster, Nodes);
        Workloads = new Workloads(Cluster);
        Keda = new Keda(Cluster);
        Users = new Users(Cluster, Keda, PatchedPods);
        _invariant = new BudgetInvariant(Cluster, Users.BudgetNames);
        Users.Start();
        StartOperator();
        if (_random.Next(2) == 0)
            StartOperator();
    }

    public Api Api { get; }

    public Cluster Cluster { get; }

    public Nodes Nodes { get; }

    public Kubelets Kubelets { get; }

    public Workloads Workloads { get; }

    public Keda Keda { get; }

    public Users Users { get; }

    public ManualTimeProvider Time => _time;

    public HistoryCounts Counts { get; } = new();

    public IEnumerable<string> LastSteps => _trace;

    public IReadOnlyList<OperatorProcess> Operators => _operators;

    public void Run(int steps)
    {
        Settle();
        for (var step = 0; step < steps; step++)
        {
            Step();
            Check();
        }
    }

    /// <summary>Everything that could be done now is done, in no special order, and nothing goes wrong.</summary>
    public void Settle()
    {
        for (var round = 0; round < 200; round++)
        {
            var version = Api.Version;
            foreach (var one in _operators)
                RunFreely(one, int.MaxValue, calm: true);
            SettleCluster();
            Check();
            if (Api.Version == version && _calls.Count == 0)
                return;
        }

        throw new InvalidOperationException("The operator and the cluster don't come to rest.");
    }

    private void SettleCluster()
    {
        string version;
        do
        {
            version = Api.Version;
            RunCluster(isQuick: true);
            _invariant.Check();
        }
        while (Api.Version != version);
    }

    /// <summary>What is under way arrives; one process of the operator is left, or starts, and nothing goes wrong any more.</summary>
    public void Calm()
    {
        Nodes.Heal(all: true);
        while (_calls.Count > 0)
            Advance(_calls[_random.Next(_calls.Count)], calm: true);
        _holds.Release();
        while (_operators.Count > (_random.Next(2) == 0 ? 1 : 0))
            Kill(_operators[_random.Next(_operators.Count)]);
        if (_operators.Count == 0)
            StartOperator();
    }

    public void Check()
    {
        _invariant.Check();
        if (Cluster.BusyVictim is { } victim)
            throw new InvalidOperationException(victim);
        foreach (var one in _operators)
        {
            if (one.Bug is { } bug)
                throw new InvalidOperationException($"A reconciliation failed: {bug.Message}", bug);
        }
    }

    public void Trace(string text)
    {
        if (_traceLength == 0)
            return;
        _trace.Enqueue(FormattableString.Invariant($"{_time.GetUtcNow():mm:ss.f} {text}"));
        if (_trace.Count > _traceLength)
            _trace.Dequeue();
    }

    private void Step()
    {
        foreach (var watch in _holds.Next())
            LosePlace(watch);
        switch (_random.Next(100))
        {
            case < 20:
                RunFreely(_operators[_random.Next(_operators.Count)], _random.Next(1, 60), calm: false);
                break;
            case < 40:
                RunFreely(_operators[_random.Next(_operators.Count)], _random.Next(1, 6), calm: false);
                break;
            case < 60:
                RunCluster(isQuick: false);
                break;
            case < 68:
                Pass(TimeSpan.FromMilliseconds(_random.Next(2) == 0 ? _random.Next(100, 3_000) : _random.Next(1_000, 40_000)));
                break;
            case < 80:
                Ask();
                break;
            case < 86:
                Users.Act();
                break;
            case < 90:
                Users.DeletePod();
                break;
            case < 95:
                BreakMachines();
                break;
            default:
                BreakOperators();
                break;
        }
    }

    private void RunFreely(OperatorProcess one, int actions, bool calm)
    {
        for (var i = 0; i < actions && !one.IsDead; i++)
        {
            var behind = one.Watches.Where(watch => watch.IsBehind && (calm || !_holds.Has(watch))).ToList();
            var own = _calls.Where(call => calm || (call.Caller == one && !_holds.Has(call))).ToList();
            var waiting = one.Loops.Where(loop => loop.Waiting > 0).ToList();
            if (behind.Count > 0 && (calm || _random.Next(2) == 0))
                behind[_random.Next(behind.Count)].Hear(calm ? int.MaxValue : _random.Next(1, 12));
            else if (own.Count > 0 && _random.Next(4) > 0)
                Advance(own[_random.Next(own.Count)], calm);
            else if (waiting.Count > 0)
                Start(waiting[_random.Next(waiting.Count)]);
            else if (own.Count == 0)
                return;
        }
    }

    private void Start(IReconcileLoop loop)
    {
        Counts.Reconciliations++;
        loop.Start(_random.Next(loop.Waiting));
    }

    /// <summary>The next thing that happens to a request.</summary>
    private void Advance(ApiCall call, bool calm)
    {
        if (!call.HasTakenEffect)
        {
            if (!calm && !call.IsUnanswerable && _random.Next(30) == 0)
            {
                Fail(call);
                return;
            }

            if (_traceLength > 0)
                Trace($"{call.Caller.Name}: {call.Name}{(call.IsUnanswerable ? " (late)" : "")}");
            Api.Writes += call.IsWrite ? 1 : 0;
            Counts.LateCalls += call.IsUnanswerable ? 1 : 0;
            call.TakeEffect();
            _invariant.Check();
        }

        if (!calm && _random.Next(4) == 0)
            return;
        _calls.Remove(call);
        if (call.IsUnanswerable)
            return;
        if (!calm && _random.Next(30) == 0)
            call.Fail(0, "injected: the answer was lost");
        else
            call.Answer();
    }

    private void Fail(ApiCall call)
    {
        Counts.Failures++;
        Trace($"{call.Caller.Name}: {call.Name} fails");
        switch (_random.Next(3))
        {
            case 0:
                call.IsAbandoned = true;
                call.Fail(0, "injected: no answer in time");
                break;
            case 1:
                _calls.Remove(call);
                call.Fail(HttpStatusCode.TooManyRequests, "injected");
                break;
            default:
                _calls.Remove(call);
                call.Fail(HttpStatusCode.InternalServerError, "injected");
                break;
        }
    }

    public void RunCluster(bool isQuick)
    {
        Workloads.Hear(isQuick);
        foreach (var deployment in Workloads.Deployments.ToList())
        {
            if (isQuick || !Cluster.Chance(3))
                Workloads.Scale(deployment);
            if (isQuick || !Cluster.Chance(3))
                Workloads.Fill(deployment);
        }

        foreach (var pod in Api.Of<V1Pod>().All.ToList())
        {
            if (isQuick || !Cluster.Chance(3))
                Kubelets.Bind(pod);
        }

        Cluster.Observe();
        Cluster.Work(isQuick);
        foreach (var worker in Cluster.Workers.ToList())
        {
            if (isQuick || !Cluster.Chance(3))
                Kubelets.Step(worker, isQuick);
        }

        if (isQuick || Cluster.Chance(3))
        {
            Keda.Finish();
            Workloads.Collect();
        }

        if (!isQuick)
            return;
        Nodes.LosePower(all: true);
        Nodes.CollectPods(ended: true);
    }

    private void BreakMachines()
    {
        switch (_random.Next(7))
        {
            case 0:
                Nodes.CutOff();
                break;
            case 1:
                Nodes.Heal();
                break;
            case 2:
                Nodes.Taint();
                break;
            case 3:
                Nodes.Remove();
                break;
            case 4:
                Nodes.CollectPods(ended: _random.Next(2) == 0);
                break;
            case 5:
                Nodes.LosePower();
                break;
            default:
                if (Cluster.Any(Cluster.Workers) is { } worker)
                    Kubelets.Evict(worker);
                break;
        }
    }

    private void BreakOperators()
    {
        var one = _operators[_random.Next(_operators.Count)];
        switch (_random.Next(4))
        {
            case 0:
                Kill(one);
                if (_operators.Count == 0)
                    StartOperator();
                break;
            case 1 when _operators.Count < 2:
                StartOperator();
                break;
            case 2:
                one.Watches[_random.Next(one.Watches.Count)].Relist();
                break;
            default:
                _holds.Catch(one.Watches[_random.Next(3) == 0 ? _random.Next(one.Watches.Count) : PodWatchOf(one)]);
                break;
        }
    }

    private static int PodWatchOf(OperatorProcess one) => one.Watches.Select((watch, index) => (watch, index)).First(item => item.watch is Watch<V1Pod>).index;

    /// <summary>A watch that heard nothing for a while lists anew; pods that were there are gone by then.</summary>
    private void LosePlace(IWatch watch)
    {
        for (var i = _random.Next(3); i > 0; i--)
            Users.DeletePod();
        watch.Relist();
    }

    private IReadOnlyList<string> PatchedPods() =>
        [.. _calls.Where(call => !call.HasTakenEffect && call.Name.StartsWith("patch pods ", StringComparison.Ordinal)).Select(call => call.Name["patch pods ".Length..])];

    private void Ask()
    {
        if (Cluster.Any(Keda.Pools) is not { } pool)
            return;
        var replicas = _random.Next(3) == 0 ? 0 : _random.Next(1, 7);
        Trace($"keda: asks for {replicas} of {pool.Metadata.Name}");
        Keda.Ask(pool.Metadata.Name!, replicas, says: _random.Next(3) > 0);
    }

    /// <summary>Time passes. Requests don't take for ever.</summary>
    public void Pass(TimeSpan time)
    {
        var oldest = _time.GetUtcNow() + time - LongestCall;
        while (_calls.Find(call => call.SentAt < oldest) is { } call)
            Advance(call, calm: true);
        _time.Advance(time);
    }

    private void StartOperator()
    {
        var started = new OperatorProcess(FormattableString.Invariant($"operator-{_operatorsMade++}"), Api, _time, _calls, _holds, Cluster);
        Trace($"{started.Name} starts");
        _operators.Add(started);
    }

    /// <summary>Some of what it has sent may still arrive; what it would have sent next never will.</summary>
    private void Kill(OperatorProcess one)
    {
        Counts.Crashes++;
        Trace($"{one.Name} is killed");
        one.Kill();
        _operators.Remove(one);
        _calls.RemoveAll(call => call.Caller == one && (call.HasTakenEffect || _random.Next(2) == 0));
    }
}
