using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;

namespace K8sQueue.Operator.Tests.Controllers;

public sealed class ControllerTriggersTests
{
    private readonly FakeCluster _cluster = new(new ManualTimeProvider());
    private readonly PoolStores _stores;

    public ControllerTriggersTests() => _stores = FakeStores.Over(_cluster);

    [Fact]
    public void A_pool_leads_to_the_budgets_that_it_names_and_to_that_of_its_queues_Redis()
    {
        Create(Samples.Budget("orders-db", 100), RedisBudget("queue-redis", "redis-queue:6379"), RedisBudget("other-redis", "cache:6379"));
        var pool = Samples.Pool("emails", spec => spec.Connections = [Samples.Connection("orders-db", 5)]);

        ControllerTriggers.BudgetsOf(pool, _stores.Budgets).Select(key => key.Name).Should().BeEquivalentTo("orders-db", "queue-redis");
    }

    [Fact]
    public void A_budget_of_a_Redis_leads_to_the_pools_whose_queues_are_there_when_it_comes_changes_and_goes()
    {
        Create(Samples.Pool("emails"), Samples.Pool("raw", spec => spec.Queues = [Samples.RawQueue("jobs")]));
        var (before, after) = (RedisBudget("queue-redis", "redis-queue:6379"), RedisBudget("queue-redis", "redis-queue:6379"));
        after.Status = new ConnectionBudgetStatus { Discovered = new DiscoveredCapacity { Capacity = 7, Source = "redis://redis-queue:6379" } };
        var moved = RedisBudget("queue-redis", "cache:6379");
        moved.Metadata.Generation = 2;

        PoolsOf(null, before).Should().Equal("emails");
        PoolsOf(before, after).Should().Equal("emails");
        PoolsOf(before, moved).Should().Equal("emails");
        PoolsOf(before, null).Should().Equal("emails");
        PoolsOf(null, moved).Should().BeEmpty();
    }

    [Fact]
    public void What_others_hold_means_something_to_pools_that_wait_or_roll_out_and_to_no_others()
    {
        Create(Pool("resting"), Pool("waiting"), Pool("rolling"));
        _cluster.Create(Samples.GatedPod("waiting-1", "waiting", "r1", """{"orders-db":5}"""));
        Deployment("rolling-1", "rolling");
        Deployment("rolling-2", "rolling");
        Deployment("resting-1", "resting");

        PoolsOf(WithStatus(available: 0), WithStatus(available: 5)).Should().BeEquivalentTo("waiting", "rolling");
        PoolsOf(WithStatus(available: 5), WithStatus(available: 5, "uid-1")).Should().BeEquivalentTo("waiting", "rolling");
        PoolsOf(WithStatus(available: 5), WithStatus(available: 5)).Should().BeEmpty("who has which share is written there for people");
    }

    private static V1Alpha1WorkerPool Pool(string name) =>
        Samples.Pool(name, spec => spec.Connections = [Samples.Connection("orders-db", 5)]);

    private static V1Alpha1ConnectionBudget WithStatus(int available, params string[] granted)
    {
        var budget = Samples.Budget("orders-db", 100);
        budget.Status = new ConnectionBudgetStatus
        {
            Available = available,
            Granted = [.. granted.Select(uid => new ConnectionHolder { Uid = uid, Pod = "emails-1", Connections = 5 })],
            Allocations = [new PoolAllocation { Pool = "resting", Pods = granted.Length + available }],
        };
        return budget;
    }

    private static V1Alpha1ConnectionBudget RedisBudget(string name, string address)
    {
        var budget = Samples.Budget(name, 100);
        budget.Spec.Redis = new RedisServerSpec { Address = address };
        return budget;
    }

    private void Create(params IKubernetesObject[] values)
    {
        foreach (var value in values)
        {
            value.Metadata.Uid = null;
            if (value is V1Alpha1WorkerPool pool)
                _cluster.Create(pool);
            else
                _cluster.Create((V1Alpha1ConnectionBudget)value);
        }
    }

    private void Deployment(string name, string pool) => _cluster.Create(new V1Deployment
    {
        Metadata = new V1ObjectMeta { Name = name, Namespace = Samples.Namespace, Labels = new() { [Labels.Pool] = pool } },
    });

    private IEnumerable<string> PoolsOf(V1Alpha1ConnectionBudget? before, V1Alpha1ConnectionBudget? after) =>
        ControllerTriggers.PoolsOf(new ResourceChange<V1Alpha1ConnectionBudget>(before, after), _stores).Select(key => key.Name);
}
