using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Discovery;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class CapacityDiscoveryTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_budget_takes_the_capacity_of_its_server()
    {
        await StartAsync(serverCapacity: 35);

        _harness.Ask(8);
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(3);
        Status.Capacity.Should().Be(35);
        Status.Discovered.Should().BeEquivalentTo(new DiscoveredCapacity { Capacity = 35, Source = "postgresql Secret db/url" });
        Condition("Discovered").Should().Match<V1Condition>(item => item.Status == "True" && item.Reason == "CapacityRead");
    }

    [Fact]
    public async Task A_budget_whose_server_was_never_read_grants_nothing_and_says_so()
    {
        _harness.Server.Failure = new CapacityReadException("ServerUnreachable", "It can't be reached.");
        await StartAsync(fixedCapacity: 50);

        _harness.Ask(2);
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(0);
        Condition("Ready").Should().Match<V1Condition>(item => item.Status == "False" && item.Reason == "CapacityUnknown");
        Condition("Discovered").Message.Should().Be("It can't be reached. Nothing is granted until it is read.");
        _harness.Events.Should().Contain("Warning ServerUnreachable");

        _harness.Server.Failure = null;
        _harness.Time.Advance(TimeSpan.FromMinutes(2));
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(2);
    }

    [Fact]
    public async Task A_failed_read_keeps_the_last_value_after_a_restart_too()
    {
        await StartAsync(serverCapacity: 40);
        _harness.Server.Failure = new CapacityReadException("AccessDenied", "Refused.");
        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.SettleAsync();
        Condition("Discovered").Should().Match<V1Condition>(
            item => item.Status == "False" && item.Reason == "AccessDenied" && item.Message == "Refused. Its last word, 40, counts on.");

        _harness.RestartBudgets();
        _harness.Ask(9);
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(4);
        Status.Capacity.Should().Be(40);
    }

    [Fact]
    public async Task Nothing_is_written_while_the_server_says_the_same()
    {
        await StartAsync(serverCapacity: 40);
        _harness.Server.Shows(("psql", 3));
        await LookAsync();
        await LookAsync();
        var (version, reads) = (_harness.Cluster.Version, _harness.Server.Reads);

        for (var i = 0; i < 10; i++)
        {
            _harness.Time.Advance(TimeSpan.FromSeconds(61));
            await _harness.ReconcileBudgetsAsync();
        }

        _harness.Server.Reads.Should().Be(reads + 10);
        _harness.Cluster.Version.Should().Be(version);
    }

    [Fact]
    public async Task A_server_that_does_not_answer_holds_nobody_up_and_counts_as_unreachable_after_5_s()
    {
        await StartAsync(serverCapacity: 40);
        _harness.Server.Silence = new TaskCompletionSource();
        _harness.Time.Advance(TimeSpan.FromSeconds(61));

        var again = await _harness.ReconcileBudgetAsync("db");
        again.Should().BeLessThan(TimeSpan.FromSeconds(1));
        Condition("Discovered").Status.Should().Be("True");
        _harness.Time.Advance(TimeSpan.FromSeconds(5));
        await Testing.Eventually.Passes(async () =>
        {
            await _harness.ReconcileBudgetAsync("db");
            Condition("Discovered").Reason.Should().Be("ServerUnreachable");
        });

        Status.Capacity.Should().Be(40);
    }

    [Fact]
    public async Task A_read_that_fails_is_tried_again_soon_and_then_less_and_less_often()
    {
        _harness.Server.Failure = new CapacityReadException("ServerUnreachable", "No.");
        await StartAsync();

        var waits = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            var wait = (await _harness.ReconcileBudgetAsync("db"))!.Value;
            waits.Add(wait.TotalSeconds);
            _harness.Time.Advance(wait);
        }

        waits.Should().Equal(5, 10, 20, 40, 60, 60);
    }

    [Fact]
    public async Task Another_server_counts_only_once_it_was_read_itself()
    {
        await StartAsync(serverCapacity: 40);
        _harness.Server.Failure = new CapacityReadException("ServerUnreachable", "No.");

        _harness.Cluster.Change<V1Alpha1ConnectionBudget>("db", Samples.Namespace, budget => budget.Spec.Postgresql!.ConnectionSecretRef.Key = "other");
        await _harness.SettleAsync();

        Status.Discovered.Should().BeNull();
        Condition("Ready").Reason.Should().Be("CapacityUnknown");
    }

    [Fact]
    public async Task A_server_that_was_made_smaller_drains_the_pools_over_it()
    {
        await StartAsync(serverCapacity: 40);
        _harness.Ask(4);
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(4);

        _harness.Server.Reading = _harness.Server.Reading with { Capacity = 20 };
        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.ReconcileBudgetsAsync();
        Condition("Ready").Reason.Should().Be("OverCapacity");
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(2);
        Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task A_server_that_says_it_accepts_nobody_is_not_believed()
    {
        await StartAsync(serverCapacity: 40);

        _harness.Server.Reading = _harness.Server.Reading with { Capacity = 0 };
        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.SettleAsync();

        Status.Capacity.Should().Be(40);
        Condition("Discovered").Reason.Should().Be("ReadFailed");
    }

    [Fact]
    public async Task A_server_that_tells_less_than_before_is_not_believed()
    {
        _harness.Server.Reading = _harness.Server.Reading with { Told = ["the sockets of its nodes"] };
        await StartAsync(serverCapacity: 40);

        _harness.Server.Reading = _harness.Server.Reading with { Capacity = 17_910, Told = [] };
        await LookAsync();

        Status.Capacity.Should().Be(40);
        Condition("Discovered").Message.Should().Contain("no longer tells the sockets of its nodes");
    }

    [Fact]
    public async Task A_slow_api_server_is_no_server_that_does_not_answer()
    {
        await LoseAPodAsync(seenBefore: true);
        await LookAsync();
        _harness.Client.Before = call => call == "get nodes" ? new TaskCompletionSource().Task : Task.CompletedTask;
        _harness.Server.Reading = _harness.Server.Reading with { Capacity = 25 };

        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.ReconcileBudgetsAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(6));
        await _harness.ReconcileBudgetsAsync();

        Condition("Discovered").Status.Should().Be("True");
        Status.Capacity.Should().Be(25);
        Status.Held.Should().ContainSingle("nothing is known of its node");
    }

    [Fact]
    public async Task Connections_that_nobody_explains_are_named_after_two_looks()
    {
        await StartAsync(serverCapacity: 40);
        _harness.Server.Shows(("cron-job", 4));

        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.SettleAsync();
        Condition("Unaccounted").Status.Should().Be("False", "a back-end may outlive its pod for a moment");
        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.SettleAsync();

        Condition("Unaccounted").Should().Match<V1Condition>(item => item.Status == "True" && item.Reason == "UnaccountedConnections"
            && item.Message!.StartsWith("4 connections", StringComparison.Ordinal) && item.Message.Contains("'cron-job' from 10.0.0.1: 4", StringComparison.Ordinal));
        _harness.Cluster.Change<V1Alpha1ConnectionBudget>("db", Samples.Namespace,
            budget => budget.Spec.External = [new ExternalConsumer { Name = "cron-job", Connections = 4 }]);
        await _harness.SettleAsync();
        Condition("Unaccounted").Status.Should().Be("False");
    }

    [Fact]
    public async Task Where_connections_can_not_be_seen_it_is_not_known_who_holds_them()
    {
        await StartAsync(serverCapacity: 40);
        _harness.Server.Reading = new CapacityReading(40, "as a test says", null, "GRANT pg_monitor.");

        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.SettleAsync();

        Condition("Unaccounted").Should().Match<V1Condition>(
            item => item.Status == "Unknown" && item.Reason == "ActivityHidden" && item.Message == "GRANT pg_monitor.");
    }

    [Fact]
    public async Task A_budget_without_a_server_has_none_of_its_conditions()
    {
        await StartAsync(serverCapacity: 40);

        _harness.Cluster.Change<V1Alpha1ConnectionBudget>("db", Samples.Namespace, budget =>
        {
            budget.Spec.Postgresql = null;
            budget.Spec.Capacity = 70;
        });
        await _harness.SettleAsync();

        Status.Capacity.Should().Be(70);
        Status.Discovered.Should().BeNull();
        Status.Conditions!.Select(condition => condition.Type).Should().BeEquivalentTo("Ready", "Exhausted");
    }

    [Fact]
    public async Task Held_connections_are_free_early_where_the_node_is_gone_and_two_looks_show_none()
    {
        await LoseAPodAsync(seenBefore: true);

        await LookAsync();
        await LookAsync();

        Status.Held.Should().BeNull();
        _harness.Granted.Should().Be(2);
    }

    [Theory]
    [InlineData(false, false, "node", "a name that was never seen says nothing by its absence")]
    [InlineData(true, true, "node", "its connections are still there")]
    [InlineData(true, false, "another", "the node is there: what runs on it may connect again")]
    public async Task Held_connections_stay_held_otherwise(bool seenBefore, bool stillThere, string lostNode, string because)
    {
        var pod = await LoseAPodAsync(seenBefore, lostNode);
        if (stillThere)
            _harness.Server.Shows((pod, 1));

        await LookAsync();
        await LookAsync();

        Status.Held.Should().ContainSingle(because);
    }

    [Fact]
    public async Task One_look_is_not_enough()
    {
        await LoseAPodAsync(seenBefore: true);

        await LookAsync();

        Status.Held.Should().ContainSingle();
    }

    [Fact]
    public async Task A_pod_that_shows_again_between_two_looks_starts_over()
    {
        var pod = await LoseAPodAsync(seenBefore: true);

        await LookAsync();
        _harness.Server.Shows((pod, 1));
        await LookAsync();
        _harness.Server.Shows();
        await LookAsync();

        Status.Held.Should().ContainSingle();
    }

    private ConnectionBudgetStatus Status => _harness.Budget("db").Status!;

    private V1Condition Condition(string type) => Status.Conditions.Find(type)!;

    /// <summary>A pod is forced out of the API; its node is the one that is given, and "another" is there.</summary>
    private async Task<string> LoseAPodAsync(bool seenBefore, string node = "node")
    {
        _harness.Cluster.Create(new V1Node { ApiVersion = "v1", Kind = "Node", Metadata = new V1ObjectMeta { Name = "another" } });
        await StartAsync(serverCapacity: 20, lostHoldSeconds: 3600);
        _harness.Ask(2);
        await _harness.SettleAsync();
        var pod = _harness.Pods[0];
        if (seenBefore)
            _harness.Server.Shows((pod.Metadata.Name!, 2));
        await LookAsync();
        pod.Spec.NodeName = node;
        _harness.Cluster.Delete<V1Pod>(pod.Metadata.Name!, Samples.Namespace);
        _harness.Ended.Observe(new(pod, null));
        await _harness.SettleAsync();
        Status.Held.Should().ContainSingle();
        _harness.Server.Shows();
        return pod.Metadata.Name!;
    }

    private async Task LookAsync()
    {
        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await _harness.SettleAsync();
    }

    private async Task StartAsync(int serverCapacity = 100, int? fixedCapacity = null, int lostHoldSeconds = 300)
    {
        _harness.Server.Reading = _harness.Server.Reading with { Capacity = serverCapacity };
        var budget = DiscoverySamples.PostgresBudget();
        (budget.Spec.Capacity, budget.Spec.LostHoldSeconds) = (fixedCapacity, lostHoldSeconds);
        _harness.Cluster.Create(budget);
        _harness.Create(Samples.Pool(change: spec => spec.Connections = [Samples.Connection("db", 10)]));
        await _harness.SettleAsync();
        _harness.Keda(("False", "ScalerNotActive"));
        await _harness.SettleAsync();
    }
}
