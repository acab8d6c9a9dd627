using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>Charges that can't be granted, or not as many as before, and what becomes of the workers that serve.</summary>
public sealed class LastGoodRevisionTests
{
    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task A_capacity_that_was_never_read_takes_nothing_from_a_pool_that_ran_without_it()
    {
        _harness.Server.Failure = new CapacityReadException("ServerUnreachable", "It can't be reached.");
        await StartNativeAsync(replicas: 4);

        CreateRedisBudget();
        await _harness.SettleAsync();

        Ready.Should().Be(4);
        _harness.Condition("Ready").Should().Match<V1Condition>(ready => ready.Reason == "CapacityUnknown"
            && ready.Message!.Contains("see its Discovered condition", StringComparison.Ordinal));
        _harness.Ask(6);
        await _harness.SettleAsync();
        Ready.Should().Be(6, "the revision that serves is not charged to it");

        _harness.Server.Failure = null;
        _harness.Time.Advance(TimeSpan.FromMinutes(2));
        await _harness.SettleAsync();
        _harness.Pool().Status!.UpdatedReplicas.Should().Be(6);
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Fact]
    public async Task A_read_that_is_under_way_takes_nothing_either()
    {
        await StartNativeAsync(replicas: 4);
        _harness.Server.Silence = new TaskCompletionSource();

        CreateRedisBudget();
        await RoundsAsync(5);

        Ready.Should().Be(4);
    }

    [Fact]
    public async Task Another_name_of_a_budgets_Secret_stops_nobody_and_what_is_lost_meanwhile_comes_back()
    {
        var budget = Samples.Budget("db", 100);
        budget.Spec.Postgresql = new PostgresServerSpec { ConnectionSecretRef = new SecretKeyReference { Name = "db", Key = "url" } };
        _harness.Cluster.Create(budget);
        await StartAsync(replicas: 4);
        _harness.Server.Silence = new TaskCompletionSource();

        _harness.Cluster.Change<V1Alpha1ConnectionBudget>("db", Samples.Namespace, item => item.Spec.Postgresql!.ConnectionSecretRef.Name = "db-7f9c");
        await RoundsAsync(5);
        Ready.Should().Be(4);
        _harness.DeletePod(_harness.Pods[0]);
        _harness.Ask(7);
        await RoundsAsync(5);
        Ready.Should().Be(3, "nothing is granted");
        _harness.Deployments.Single().Spec.Replicas.Should().Be(4, "nobody shrinks, and nobody grows");
        _harness.Pool().Status!.LimitedBy.Should().Be("ConnectionBudget/db");

        _harness.Server.Silence.SetResult();
        await Testing.Eventually.Passes(async () =>
        {
            _harness.Time.Advance(TimeSpan.FromSeconds(1));
            await _harness.SettleAsync();
            Ready.Should().Be(7);
        });
    }

    [Fact]
    public async Task A_replica_that_no_budget_can_ever_hold_leaves_the_one_before_running_and_scaling()
    {
        _harness.Cluster.Create(Samples.Budget("db", 100));
        await StartAsync(replicas: 4);

        _harness.Edit(spec => spec.Connections = [Samples.Connection("db", 1000)]);
        await _harness.SettleAsync();
        Ready.Should().Be(4);
        _harness.Condition("Ready").Reason.Should().Be("ReplicaOverCapacity");
        _harness.Ask(6);
        await _harness.SettleAsync();

        Ready.Should().Be(6);
    }

    [Fact]
    public async Task More_connections_a_replica_and_a_broken_image_cost_no_more_than_the_room_for_one_and_give_it_back()
    {
        _harness.Cluster.Create(Samples.Budget("db", 100));
        await StartAsync(replicas: 10);

        await BreakAsync(perReplica: 50);
        Ready.Should().Be(5, "the first of the new ones needs the place of five");
        _harness.Time.Advance(TimeSpan.FromSeconds(600));
        await _harness.SettleAsync();

        _harness.Condition("Ready").Reason.Should().Be("ProgressDeadlineExceeded");
        Ready.Should().Be(10);
    }

    [Fact]
    public async Task Where_there_is_room_beside_them_workers_that_hold_less_wait_for_those_that_hold_more()
    {
        _harness.Cluster.Create(Samples.Budget("db", 200));
        await StartAsync(replicas: 10);

        await BreakAsync(perReplica: 50);
        Ready.Should().Be(10);
        _harness.MakeReady();
        await _harness.SettleAsync();

        _harness.Pool().Status!.Should().Match<WorkerPoolStatus>(status => status.UpdatedReplicas == 4 && status.ReadyReplicas == 4);
        _harness.Condition("Ready").Status.Should().Be("True");
        _harness.Condition("CapacityLimited").Status.Should().Be("True");
    }

    [Fact]
    public async Task Fewer_connections_a_replica_let_more_replicas_in()
    {
        _harness.Cluster.Create(Samples.Budget("db", 100));
        await StartAsync(replicas: 2, perReplica: 50);
        _harness.Ask(10);
        await _harness.SettleAsync();

        _harness.Edit(spec => spec.Connections = [Samples.Connection("db", 10)]);
        await _harness.SettleAsync();

        _harness.Pool().Status!.UpdatedReplicas.Should().Be(10);
        _harness.Condition("Ready").Status.Should().Be("True");
    }

    [Theory]
    [InlineData(60)]
    [InlineData(100)]
    public async Task A_budget_that_is_not_there_takes_nothing_from_the_revision_before_and_evicted_workers_come_back(int capacity)
    {
        _harness.Cluster.Create(Samples.Budget("db", capacity));
        await StartAsync(replicas: 6);

        _harness.Edit(spec => spec.Connections = [Samples.Connection("db", 10), Samples.Connection("typo", 1)]);
        await _harness.SettleAsync();
        for (var i = 0; i < 3; i++)
        {
            _harness.DeletePod(_harness.Pods.First(pod => !pod.IsDeleting() && pod.IsReady()));
            _harness.RunReplicaSets();
            await _harness.ReconcileAsync();
            await _harness.SettleAsync();
            Ready.Should().Be(6);
        }

        _harness.Condition("Ready").Reason.Should().Be("BudgetNotFound");
    }

    [Fact]
    public async Task A_budget_that_was_deleted_keeps_the_size_of_its_pools()
    {
        _harness.Cluster.Create(Samples.Budget("db", 100));
        await StartAsync(replicas: 6);
        _harness.Cluster.Remove<V1Alpha1ConnectionBudget>("db", Samples.Namespace);

        _harness.DeletePod(_harness.Pods[0]);
        _harness.Ask(9);
        await _harness.SettleAsync();
        _harness.Deployments.Single().Spec.Replicas.Should().Be(6);
        _harness.Cluster.Create(Samples.Budget("db", 100));
        await _harness.SettleAsync();

        Ready.Should().Be(9);
    }

    private int Ready => _harness.Pods.Count(pod => pod.IsReady() && !pod.IsDeleting());

    private void CreateRedisBudget()
    {
        var redis = _harness.Pool().Spec.Queues[0].K8squeue!.Redis;
        var budget = Samples.Budget("redis", 500);
        budget.Spec.Redis = new RedisServerSpec { Address = redis.Address, Tls = redis.Tls };
        _harness.Cluster.Create(budget);
    }

    private async Task RoundsAsync(int rounds)
    {
        for (var i = 0; i < rounds; i++)
        {
            await _harness.ReconcileBudgetsAsync();
            await _harness.ReconcileAsync();
            _harness.RunReplicaSets();
            _harness.StartPods();
            _harness.FinishDraining();
        }
    }

    private async Task BreakAsync(int perReplica)
    {
        _harness.IsReady = pod => pod.Label(Labels.Revision) != RevisionHash.Of(_harness.Pool().Spec);
        _harness.Edit(spec =>
        {
            spec.Template = Samples.Template("acme/broken");
            spec.Connections = [Samples.Connection("db", perReplica)];
        });
        await _harness.SettleAsync();
    }

    private async Task StartNativeAsync(int replicas)
    {
        _harness.Create(Samples.Pool());
        await ScaleAsync(replicas);
    }

    private async Task StartAsync(int replicas, int perReplica = 10)
    {
        _harness.Create(Samples.Pool(change: spec => spec.Connections = [Samples.Connection("db", perReplica)]));
        await _harness.SettleAsync();
        _harness.Time.Advance(TimeSpan.FromSeconds(61));
        await ScaleAsync(replicas);
    }

    private async Task ScaleAsync(int replicas)
    {
        await _harness.SettleAsync();
        _harness.Ask(replicas);
        await _harness.SettleAsync();
        Ready.Should().Be(replicas);
    }
}
