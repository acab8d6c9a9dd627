using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class ConnectionBudgetTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_budget_caps_a_pool_and_the_status_says_so()
    {
        await StartAsync(capacity: 35, reserved: 5, ("emails", 10));

        _harness.Ask(8);
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(3);
        _harness.Pods.Should().HaveCount(3, "no more pods are made than may run");
        _harness.Pool().Status!.LimitedBy.Should().Be("ConnectionBudget/db");
        _harness.Pool().Status!.EffectiveMaxReplicas.Should().Be(3);
        _harness.Condition("CapacityLimited").Status.Should().Be("True");
        _harness.Condition("Ready").Status.Should().Be("True");
        _harness.Budget("db").Status!.Should().Match<Operator.Entities.ConnectionBudgetStatus>(
            status => status.InUse == 30 && status.Available == 0 && status.Reserved == 5 && status.Granted!.Count == 3 && status.Pending == null);
        _harness.Events.Should().Contain("Warning BudgetExhausted");
    }

    [Fact]
    public async Task What_a_budget_only_shows_is_written_every_few_seconds_and_what_frees_connections_at_once()
    {
        await StartAsync(capacity: 60, reserved: 0, ("a", 10), ("b", 10));
        _harness.Ask(1, "a");
        await _harness.SettleAsync();
        _harness.BookkeepingInterval = TimeSpan.FromSeconds(2);
        _harness.RestartBudgets();
        await ShowDemandAsync(2);
        Shown.Should().Be(2, "the first comes at once");

        await ShowDemandAsync(3);

        Shown.Should().Be(2);
        (await _harness.ReconcileBudgetAsync("db")).Should().Be(TimeSpan.FromSeconds(2));
        _harness.DeletePod(_harness.Pods[0]);
        _harness.FinishDraining();
        await _harness.ReconcileBudgetAsync("db");
        _harness.Budget("db").Status!.InUse.Should().Be(0, "others may have these now");
        Shown.Should().Be(3, "it goes along");

        await ShowDemandAsync(4);
        Shown.Should().Be(3);
        _harness.Time.Advance(TimeSpan.FromSeconds(2));
        await _harness.ReconcileBudgetAsync("db");
        Shown.Should().Be(4);
    }

    private int Shown => _harness.Budget("db").Status!.Allocations!.Single(allocation => allocation.Pool == "b").GrantedReplicas;

    private async Task ShowDemandAsync(int replicas)
    {
        _harness.Cluster.Change<Operator.Entities.V1Alpha1WorkerPool>("b", Samples.Namespace, pool => pool.Status!.DesiredReplicas = replicas);
        await _harness.ReconcileBudgetAsync("db");
    }

    [Fact]
    public async Task Pools_of_one_budget_share_it_fairly()
    {
        await StartAsync(capacity: 60, reserved: 0, ("a", 10), ("b", 10));
        _harness.Ask(6, "a");
        await _harness.SettleAsync();
        _harness.Granted.Should().Be(6);

        _harness.Ask(6, "b");
        await _harness.SettleAsync();

        _harness.Pods.Count(pod => pod.Label(Labels.Pool) == "a").Should().Be(3);
        _harness.Pods.Count(pod => pod.Label(Labels.Pool) == "b").Should().Be(3);
    }

    [Fact]
    public async Task A_pod_on_its_way_out_keeps_its_connections_until_it_has_ended()
    {
        await StartAsync(capacity: 20, reserved: 0, ("emails", 10));
        _harness.Ask(2);
        await _harness.SettleAsync();
        _harness.DeletePod(_harness.Pods[0]);
        _harness.RunReplicaSets();

        for (var i = 0; i < 3; i++)
            await _harness.ReconcileAsync();
        _harness.Pods.Count(pod => pod.IsGated()).Should().Be(1, "its replacement waits");
        _harness.Condition("Draining").Status.Should().Be("True");
        _harness.FinishDraining();
        await _harness.SettleAsync();

        _harness.Pods.Should().HaveCount(2).And.OnlyContain(pod => !pod.IsGated());
    }

    [Fact]
    public async Task A_pod_that_was_forced_out_is_held_for_a_time()
    {
        await StartAsync(capacity: 20, reserved: 0, ("emails", 10));
        _harness.Ask(2);
        await _harness.SettleAsync();
        _harness.Cluster.Delete<V1Pod>(_harness.Pods[0].Metadata.Name!, Samples.Namespace);
        await _harness.SettleAsync();
        _harness.Budget("db").Status!.Held.Should().ContainSingle();
        _harness.Pods.Count(pod => pod.IsGated()).Should().Be(1);

        _harness.Time.Advance(TimeSpan.FromSeconds(301));
        await _harness.SettleAsync();

        _harness.Budget("db").Status!.Held.Should().BeNull();
        _harness.Granted.Should().Be(2);
    }

    [Fact]
    public async Task A_pod_that_is_isolated_keeps_its_connections_until_it_has_ended()
    {
        await StartAsync(capacity: 20, reserved: 0, ("emails", 10));
        _harness.Ask(2);
        await _harness.SettleAsync();
        var name = _harness.Pods[0].Metadata.Name!;
        _harness.Isolate(_harness.Pods[0]);

        await _harness.SettleAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(400));
        await _harness.SettleAsync();
        _harness.Budget("db").Status!.Granted.Should().Contain(holder => holder.Pod == name);
        _harness.Pods.Count(pod => pod.IsGated()).Should().Be(1, "its replacement waits");

        _harness.Cluster.Change<V1Pod>(name, Samples.Namespace, Samples.End);
        await _harness.SettleAsync();
        _harness.Pods.Should().NotContain(pod => pod.IsGated());
    }

    [Fact]
    public async Task A_pod_whose_annotation_no_longer_names_the_budget_is_looked_at_until_it_has_ended()
    {
        await StartAsync(capacity: 20, reserved: 0, ("emails", 10));
        _harness.Ask(1);
        await _harness.SettleAsync();
        (await _harness.ReconcileBudgetsAsync()).Should().BeNull("its changes are heard of");

        _harness.Cluster.Change<V1Pod>(_harness.Pods[0].Metadata.Name!, Samples.Namespace, pod => pod.Metadata.Annotations![Labels.Charges] = "{}");

        await _harness.SettleAsync();
        (await _harness.ReconcileBudgetsAsync()).Should().BeLessThan(TimeSpan.FromMinutes(1));
        _harness.Budget("db").Status!.InUse.Should().Be(10);
    }

    [Fact]
    public async Task A_grant_that_admission_refuses_is_a_problem_of_the_pool_until_it_is_let_through()
    {
        await StartAsync(capacity: 20, reserved: 0, ("emails", 10));
        _harness.Cluster.PatchAdmission = item => item is V1Pod
            ? new KubernetesApiException(System.Net.HttpStatusCode.UnprocessableEntity, "Invalid", "policy 'gates' denied the request")
            : null;
        _harness.Ask(1);

        await _harness.SettleAsync();
        _harness.Condition("Ready").Should().Match<V1Condition>(
            ready => ready.Reason == "GrantRefused" && ready.Message!.Contains("policy 'gates' denied", StringComparison.Ordinal));
        (await _harness.ReconcileAsync()).Should().NotBeNull("it is tried again");
        _harness.Cluster.PatchAdmission = _ => null;
        await _harness.SettleAsync();

        _harness.Condition("Ready").Status.Should().Be("True");
        _harness.Granted.Should().Be(1);
    }

    [Fact]
    public async Task A_deleted_budget_stays_until_what_is_held_is_free()
    {
        await StartAsync(capacity: 20, reserved: 0, ("emails", 10));
        _harness.Ask(2);
        await _harness.SettleAsync();
        _harness.Cluster.Delete<V1Pod>(_harness.Pods[0].Metadata.Name!, Samples.Namespace);

        (await _harness.FinalizeBudgetAsync("db")).Should().NotBeNull("the lost pod may still run");
        _harness.Budget("db").Status!.Held.Should().ContainSingle();
        _harness.Time.Advance(TimeSpan.FromSeconds(301));
        (await _harness.FinalizeBudgetAsync("db")).Should().BeNull();
    }

    [Fact]
    public async Task A_deleted_budget_waits_for_grants_under_way_but_not_for_ever()
    {
        await StartAsync(capacity: 20, reserved: 0, ("emails", 10));
        _harness.Cluster.PatchAdmission = item => item is V1Pod
            ? new KubernetesApiException(System.Net.HttpStatusCode.UnprocessableEntity, "Invalid", "not now")
            : null;
        _harness.Ask(1);
        await _harness.SettleAsync();
        _harness.Budget("db").Status!.Pending.Should().ContainSingle();

        (await _harness.FinalizeBudgetAsync("db")).Should().NotBeNull();
        _harness.Time.Advance(TimeSpan.FromSeconds(301));
        (await _harness.FinalizeBudgetAsync("db")).Should().BeNull();
    }

    [Fact]
    public async Task A_missing_budget_stops_growth_and_nothing_else()
    {
        await StartAsync(capacity: 30, reserved: 0, ("emails", 10));
        _harness.Ask(2);
        await _harness.SettleAsync();
        _harness.Cluster.Delete<Operator.Entities.V1Alpha1ConnectionBudget>("db", Samples.Namespace);
        _harness.Ask(3);

        await _harness.SettleAsync();
        _harness.Granted.Should().Be(2);
        _harness.Condition("Ready").Reason.Should().Be("BudgetNotFound");
        _harness.Cluster.Create(Samples.Budget("db", 30));
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(3);
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task A_lowered_capacity_drains_the_pools_over_it()
    {
        await StartAsync(capacity: 40, reserved: 0, ("emails", 10));
        _harness.Ask(4);
        await _harness.SettleAsync();

        _harness.Cluster.Change<Operator.Entities.V1Alpha1ConnectionBudget>("db", Samples.Namespace, budget => budget.Spec.Capacity = 20);
        await _harness.ReconcileBudgetsAsync();
        _harness.Budget("db").Status!.Conditions.Find("Ready")!.Reason.Should().Be("OverCapacity");
        await _harness.SettleAsync();

        _harness.Granted.Should().Be(2);
        _harness.Budget("db").Status!.Conditions.IsTrue("Ready").Should().BeTrue();
    }

    [Theory]
    [InlineData(50, 0, "ReplicaOverCapacity")]
    [InlineData(10, 5, "MinimumsOverCapacity")]
    public async Task Figures_that_can_never_work_are_named(int perReplica, int minimum, string reason)
    {
        _harness.Cluster.Create(Samples.Budget("db", 40));
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Connections = [Samples.Connection("db", perReplica)];
            spec.Scaling.MinReplicas = minimum;
        }));

        await _harness.SettleAsync();

        _harness.Condition("Ready").Reason.Should().Be(reason);
    }

    [Fact]
    public async Task The_status_shows_minimums_so_that_other_pools_hear_of_their_changes()
    {
        await StartAsync(capacity: 40, reserved: 0, ("emails", 10), ("reports", 10));

        _harness.Edit(spec => spec.Scaling.MinReplicas = 2, "reports");
        await _harness.SettleAsync();

        _harness.Budget("db").Status!.Allocations!.Select(allocation => allocation.MinReplicas).Should().Equal(0, 2);
    }

    private async Task StartAsync(int capacity, int reserved, params (string Name, int PerReplica)[] pools)
    {
        _harness.Cluster.Create(Samples.Budget("db", capacity, reserved));
        foreach (var (name, perReplica) in pools)
            _harness.Create(Samples.Pool(name, spec => spec.Connections = [Samples.Connection("db", perReplica)]));
        await _harness.SettleAsync();
        foreach (var (name, _) in pools)
            _harness.Keda(("False", "ScalerNotActive"), name);
        await _harness.SettleAsync();
    }
}
