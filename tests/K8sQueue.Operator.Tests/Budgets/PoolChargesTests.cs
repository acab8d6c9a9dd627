using System.Text.Json;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Resources;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Budgets;

public sealed class PoolChargesTests
{
    private static readonly V1Alpha1ConnectionBudget Redis = RedisBudget("queue-redis", "redis-queue:6379");

    [Fact]
    public void A_native_pool_is_charged_the_workers_own_sockets_of_its_Redis() =>
        Charges(Samples.Pool()).Should().Equal(new PoolCharge("queue-redis", Core.Redis.RedisSockets.PerWorker, 1));

    [Theory]
    [InlineData("""[{"name": "K8SQUEUE_DURABILITY", "value": "fsync"}]""", Core.Redis.RedisSockets.PerFsyncWorker)]
    [InlineData("""[{"name": "A", "value": "b"}, {"name": "K8SQUEUE_DURABILITY", "valueFrom": {"configMapKeyRef": {"name": "c", "key": "k"}}}]""", Core.Redis.RedisSockets.PerFsyncWorker)]
    [InlineData("""[{"name": "K8SQUEUE_DURABILITY", "value": "async"}]""", Core.Redis.RedisSockets.PerWorker)]
    [InlineData("""[{"name": "OTHER", "value": "fsync"}]""", Core.Redis.RedisSockets.PerWorker)]
    [InlineData("""[{"name": 1}, "x", null]""", Core.Redis.RedisSockets.PerWorker)]
    [InlineData("""{"K8SQUEUE_DURABILITY": "fsync"}""", Core.Redis.RedisSockets.PerWorker)]
    public void A_worker_that_waits_for_the_disk_is_charged_one_more(string env, int sockets) =>
        Charges(Samples.Pool(change: spec => spec.Template.Spec.Containers[0].Other = new() { ["env"] = JsonDocument.Parse(env).RootElement }))
            .Should().Equal(new PoolCharge("queue-redis", sockets, 1));

    [Fact]
    public void What_the_pool_says_itself_goes_before() =>
        Charges(Samples.Pool(change: spec => spec.Connections = [Samples.Connection("queue-redis", 9, weight: 2)]))
            .Should().Equal(new PoolCharge("queue-redis", 9, 2));

    [Fact]
    public void Its_other_budgets_come_first_and_stay() =>
        Charges(Samples.Pool(change: spec => spec.Connections = [Samples.Connection("z", 9)])).Select(charge => charge.Budget).Should().Equal("z", "queue-redis");

    [Fact]
    public void A_pool_of_other_queues_is_not_charged() =>
        Charges(Samples.Pool(change: spec => spec.Queues = [Samples.RawQueue("q")])).Should().BeEmpty();

    [Theory]
    [InlineData("other:6379", false)]
    [InlineData("redis-queue:6379", true)]
    public void Another_Redis_is_not_the_pools(string address, bool tls)
    {
        var budget = RedisBudget("queue-redis", address);
        budget.Spec.Redis!.Tls = tls;

        PoolCharges.Of(Samples.Pool().Spec, [budget]).Should().BeEmpty();
    }

    [Fact]
    public void A_budget_on_its_way_out_charges_nobody()
    {
        var budget = RedisBudget("queue-redis", "redis-queue:6379");
        budget.Metadata.DeletionTimestamp = DateTimeOffset.UnixEpoch;

        PoolCharges.Of(Samples.Pool().Spec, [budget]).Should().BeEmpty();
    }

    [Fact]
    public void The_charge_reaches_the_pods_and_makes_a_revision_of_its_own()
    {
        var pool = Samples.Pool();
        var charges = Charges(pool);

        RevisionHash.Of(pool.Spec, charges).Should().NotBe(RevisionHash.Of(pool.Spec));
        var template = DeploymentBuilder.Build(pool, "r", charges).Spec.Template!;
        ((string?)template["metadata"]!["annotations"]![Labels.Charges]).Should().Be("""{"queue-redis":3}""");
        template["spec"]!["schedulingGates"]!.AsArray().Should().ContainSingle();
    }

    private static IReadOnlyList<PoolCharge> Charges(V1Alpha1WorkerPool pool) =>
        PoolCharges.Of(pool.Spec, [Samples.Budget("db", 10), Redis]);

    private static V1Alpha1ConnectionBudget RedisBudget(string name, string address)
    {
        var budget = Samples.Budget(name, 100);
        budget.Spec.Redis = new RedisServerSpec { Address = address };
        return budget;
    }
}
