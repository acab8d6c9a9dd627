using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Budgets;

public sealed class GrantProtocolTests
{
    private readonly List<string> _calls = [];
    private readonly ManualTimeProvider _time = new();
    private readonly FakeCluster _cluster;
    private readonly FakeKubernetesClient _client;
    private readonly GrantProtocol _protocol;

    public GrantProtocolTests()
    {
        _cluster = new FakeCluster(_time);
        _client = new FakeKubernetesClient(_cluster)
        {
            Before = call =>
            {
                _calls.Add(call);
                return Task.CompletedTask;
            },
        };
        _protocol = new GrantProtocol(_client, new EndedPods(_time), _time);
    }

    [Fact]
    public async Task The_steps_come_in_their_order()
    {
        _cluster.Create(Samples.Budget("a", 10));
        _cluster.Create(Samples.Budget("b", 10));
        _cluster.Create(Samples.GatedPod("pod", "emails", "r", """{"b":1,"a":1}"""));

        (await GrantAsync()).Granted.Should().Be(1);

        _calls.Should().Equal(
            "list pods",
            "get connectionbudgets", "get connectionbudgets",
            "get connectionbudgets", "list pods", "status connectionbudgets",
            "get connectionbudgets", "list pods", "status connectionbudgets",
            "patch pods");
        _cluster.Writes.TakeLast(3).Should().Equal("status connectionbudgets/a", "status connectionbudgets/b", "patch pods/pod");
    }

    [Fact]
    public async Task A_single_budget_that_is_known_beforehand_is_read_before_one_list_of_the_pods()
    {
        _cluster.Create(Samples.Budget("a", 10));
        _cluster.Create(Samples.GatedPod("pod", "emails", "r", """{"a":1}"""));

        (await GrantAsync("emails", budgets: "a")).Granted.Should().Be(1);

        _calls.Should().Equal("get connectionbudgets", "list pods", "status connectionbudgets", "patch pods");
    }

    [Fact]
    public async Task A_grant_that_takes_long_takes_no_more_gates_off_and_is_taken_up_again()
    {
        _cluster.Create(Samples.Budget("a", 10));
        _cluster.Create(Samples.GatedPod("pod", "emails", "r", """{"a":1}"""));
        _client.Before = call =>
        {
            if (call == "status connectionbudgets")
                _time.Advance(TimeSpan.FromSeconds(16));
            return Task.CompletedTask;
        };

        (await GrantAsync()).Should().Match<GrantOutcome>(outcome => outcome.Granted == 0 && outcome.Waiting == 1);
        (await GrantAsync()).Granted.Should().Be(1, "it is reserved, so nothing has to be written first");
    }

    [Fact]
    public async Task A_budget_that_changed_since_is_read_again_with_the_pods()
    {
        _cluster.Create(Samples.Budget("a", 10));
        _cluster.Create(Samples.GatedPod("pod", "emails", "r", """{"a":1}"""));
        var isFirst = true;
        _client.Before = call =>
        {
            _calls.Add(call);
            if (call == "list pods" && isFirst)
            {
                isFirst = false;
                _cluster.Change<Operator.Entities.V1Alpha1ConnectionBudget>("a", Samples.Namespace, budget => budget.Spec.Capacity = 0);
            }

            return Task.CompletedTask;
        };

        (await GrantAsync("emails", budgets: "a")).Should().Be(new GrantOutcome(0, 1, "a", null));

        _calls.Should().Equal("get connectionbudgets", "list pods", "status connectionbudgets", "get connectionbudgets", "list pods");
        _cluster.Get<V1Pod>("pod", Samples.Namespace)!.IsGated().Should().BeTrue();
    }

    [Theory]
    [InlineData("db")]
    [InlineData(null)]
    public async Task Pods_that_are_charged_nothing_are_limited_too(string? missing)
    {
        foreach (var name in (string[])["one", "two", "three"])
            _cluster.Create(Samples.GatedPod(name, "emails", "idle-only", "{}"));
        if (missing is not null)
            _cluster.Create(Samples.GatedPod("charged", "emails", "r", $$"""{"{{missing}}":1}"""));
        var request = new GrantRequest(
            Samples.Namespace, "emails", new Dictionary<string, int> { ["idle-only"] = 1, ["r"] = 1 }, _cluster.List<V1Pod>(null).Select(pod => pod.Metadata.Uid!).ToHashSet())
        {
            Uncharged = new HashSet<string> { "idle-only" },
        };

        (await _protocol.GrantAsync(request, CancellationToken.None)).Granted.Should().Be(1);

        _cluster.List<V1Pod>(null).Count(pod => !pod.IsGated()).Should().Be(1);
    }

    [Fact]
    public async Task Other_gates_stay()
    {
        _cluster.Create(Samples.Budget("a", 10));
        _cluster.Create(Samples.GatedPod("pod", "emails", "r", """{"a":1}"""));

        await GrantAsync();

        _cluster.Get<V1Pod>("pod", Samples.Namespace)!.Spec.SchedulingGates.Should().ContainSingle(gate => gate.Name == "example.com/other");
    }

    [Fact]
    public async Task A_pod_without_room_in_its_second_budget_keeps_its_gate()
    {
        _cluster.Create(Samples.Budget("a", 10));
        _cluster.Create(Samples.Budget("b", 10, reserved: 9));
        _cluster.Create(Samples.GatedPod("pod", "emails", "r", """{"a":1,"b":2}"""));

        (await GrantAsync()).Should().Be(new GrantOutcome(0, 1, "b", null));

        _cluster.Get<V1Pod>("pod", Samples.Namespace)!.IsGated().Should().BeTrue();
    }

    [Fact]
    public async Task A_full_budget_idles_no_other_one()
    {
        _cluster.Create(Samples.Budget("a", 2));
        _cluster.Create(Samples.Budget("b", 2));
        _cluster.Create(Samples.GatedPod("one", "orders", "r", """{"b":2}"""));
        (await GrantAsync("orders")).Granted.Should().Be(1);
        foreach (var name in (string[])["x1", "x2"])
            _cluster.Create(Samples.GatedPod(name, "emails", "r", """{"a":1,"b":1}"""));
        foreach (var name in (string[])["y1", "y2"])
            _cluster.Create(Samples.GatedPod(name, "sms", "r", """{"a":1}"""));

        (await GrantAsync()).Should().Be(new GrantOutcome(0, 2, "b", null));

        (await GrantAsync("sms")).Granted.Should().Be(2, "a budget that has room for nobody else's pods gives it to those it can serve");
    }

    [Fact]
    public async Task A_pod_that_has_no_room_elsewhere_takes_no_place_of_one_that_has()
    {
        _cluster.Create(Samples.Budget("a", 1));
        _cluster.Create(Samples.Budget("b", 1));
        _cluster.Create(Samples.GatedPod("1", "emails", "r", """{"a":1,"b":2}"""));
        _cluster.Create(Samples.GatedPod("2", "emails", "r", """{"a":1,"b":1}"""));

        (await GrantAsync(limit: 1)).Granted.Should().Be(1);

        _cluster.Get<V1Pod>("2", Samples.Namespace)!.IsGated().Should().BeFalse();
    }

    [Fact]
    public async Task A_missing_budget_stops_only_the_pods_that_are_charged_to_it()
    {
        _cluster.Create(Samples.Budget("a", 10));
        _cluster.Create(Samples.GatedPod("new", "emails", "r", """{"a":1}"""));
        _cluster.Create(Samples.GatedPod("old", "emails", "r", """{"a":1,"b":2}"""));

        (await GrantAsync()).Should().Be(new GrantOutcome(1, 1, "b", "b"));

        _cluster.Get<V1Pod>("new", Samples.Namespace)!.IsGated().Should().BeFalse();
        _cluster.Get<V1Pod>("old", Samples.Namespace)!.IsGated().Should().BeTrue();
    }

    [Theory]
    [InlineData("""{"a":1}""", "a")]
    [InlineData("""{"a":1,"b":1}""", "a", "b")]
    public async Task No_more_pods_are_reserved_than_the_record_has_places_for(string charges, params string[] budgets)
    {
        foreach (var name in budgets)
            _cluster.Create(Samples.Budget(name, 1_000_000));
        _cluster.Change<V1Alpha1ConnectionBudget>("a", Samples.Namespace, budget => budget.Status = new ConnectionBudgetStatus
        {
            Held = [.. Enumerable.Range(1, ConnectionBudgetStatus.MostHolders - 2).Select(i => new ConnectionHolder
            {
                Uid = FormattableString.Invariant($"lost-{i}"), Pod = FormattableString.Invariant($"lost-{i}"), Connections = 1, Since = _time.GetUtcNow(),
            })],
        });
        for (var i = 0; i < 5; i++)
            _cluster.Create(Samples.GatedPod(FormattableString.Invariant($"pod{i}"), "emails", "r", charges));

        (await GrantAsync()).Should().Be(new GrantOutcome(2, 3, "a", null));

        var status = _cluster.Get<V1Alpha1ConnectionBudget>("a", Samples.Namespace)!.Status!;
        (status.Held!.Count + status.Pending!.Count).Should().Be(ConnectionBudgetStatus.MostHolders);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("""{"a":0}""")]
    [InlineData("""{"a":-5}""")]
    public async Task A_pod_with_odd_charges_is_never_granted(string charges)
    {
        _cluster.Create(Samples.Budget("a", 10));
        _cluster.Create(Samples.GatedPod("pod", "emails", "r", charges));

        (await GrantAsync()).Granted.Should().Be(0);
    }

    [Fact]
    public async Task A_limit_counts_what_serves_already()
    {
        _cluster.Create(Samples.Budget("a", 10));
        for (var i = 0; i < 4; i++)
            _cluster.Create(Samples.GatedPod(FormattableString.Invariant($"pod{i}"), "emails", "r", """{"a":1}"""));

        await GrantAsync(limit: 2);
        (await GrantAsync(limit: 3)).Granted.Should().Be(1);

        _cluster.List<V1Pod>(Samples.Namespace).Count(pod => !pod.IsGated()).Should().Be(3);
    }

    private Task<GrantOutcome> GrantAsync(int limit = 10) => GrantAsync("emails", limit);

    private Task<GrantOutcome> GrantAsync(string pool, int limit = 10, params string[] budgets) => _protocol.GrantAsync(
        new GrantRequest(Samples.Namespace, pool, new Dictionary<string, int> { ["r"] = limit }, _cluster.List<V1Pod>(null).Select(pod => pod.Metadata.Uid!).ToHashSet())
        {
            Budgets = budgets,
        },
        CancellationToken.None);
}
