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
