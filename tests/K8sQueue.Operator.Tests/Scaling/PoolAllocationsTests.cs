using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Scaling;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Scaling;

public sealed class PoolAllocationsTests
{
    private readonly ResourceStore<V1Alpha1WorkerPool> _pools = new();
    private readonly ResourceStore<V1Alpha1ConnectionBudget> _budgets = new();
    private readonly ResourceStore<V1Deployment> _deployments = new();
    private readonly PoolStores _stores;
    private readonly List<string> _outdated = [];

    public PoolAllocationsTests()
    {
        _stores = new PoolStores(
            _pools, _budgets, _deployments, new ResourceStore<V1Pod>(), new ResourceStore<V1PodDisruptionBudget>(),
            new ResourceStore<V1Alpha1ScaledObject>(), new ResourceStore<V1Alpha1TriggerAuthentication>(), _ => true, _ => null).Index();
        _stores.Allocations.Outdated += key => _outdated.Add(key.Name);
        Budget(usable: 20);
    }

    private PoolAllocations Allocations => _stores.Allocations;

    [Fact]
    public void Nothing_is_worked_out_twice_while_nothing_claims_otherwise()
    {
        var emails = Pool("emails", demand: 2);
        Pool("reports", demand: 1);
        var first = Allocations.Of(Samples.Namespace, emails, 2);

        // Statuses are written all the time.
        Pool("reports", demand: 1);
        Budget(usable: 20);

        Allocations.Of(Samples.Namespace).Should().BeSameAs(first);
        Allocations.Of(Samples.Namespace, emails, 2).Should().BeSameAs(first);
        Allocations.Of(Samples.Namespace, emails, 1).Should().NotBeSameAs(first, "it knows its own demand better than the cache");
        Allocations.Of(Samples.Namespace).Should().BeSameAs(first);
    }

    [Fact]
    public void A_pool_whose_share_another_ones_demand_changes_is_named_once_it_is_known()
    {
        var emails = Pool("emails", demand: 4);
        var reports = Pool("reports", demand: 0);
        Tell(emails, 4).ReplicasOf("emails").Should().Be(4);
        Tell(reports, 0);

        Pool("reports", demand: 2);
        Allocations.Of(Samples.Namespace).ReplicasOf("emails").Should().Be(2);

        _outdated.Should().Equal("emails", "reports");
    }

    [Fact]
    public void A_pool_whose_most_the_minimums_of_another_change_is_named()
    {
        var emails = Pool("emails", demand: 1);
        var reports = Pool("reports", demand: 1);
        Tell(emails, 1).MostOf("emails").Should().Be(4);
        Tell(reports, 1);

        Pool("reports", demand: 1, minimum: 1);
        Allocations.Of(Samples.Namespace).MostOf("emails").Should().Be(3);

        _outdated.Should().Equal("emails");
    }

    [Fact]
    public void A_pool_whose_message_names_the_minimums_is_named_when_these_change_and_only_then()
    {
        var emails = Pool("emails", demand: 1, minimum: 3);
        var reports = Pool("reports", demand: 1, minimum: 1);
        Allocations.MinimumsOf(emails, "orders-db").Should().Be(20);
        Pool("reports", demand: 1, minimum: 0);
        Allocations.Of(Samples.Namespace);
        _outdated.Should().BeEmpty("they fit, before and after");

        Pool("reports", demand: 2, minimum: 2);
        Allocations.Of(Samples.Namespace);

        _outdated.Should().Equal("emails");
        Allocations.MinimumsOf(reports, "orders-db").Should().Be(20, "its own spec is the newest");
        Allocations.MinimumsOf(emails, "orders-db").Should().Be(25);
    }

    [Fact]
    public void A_pool_that_took_its_own_newer_demand_into_account_is_not_missed()
    {
        var emails = Pool("emails", demand: 2);
        Tell(emails, 4).ReplicasOf("emails").Should().Be(4);

        // Its status arrives together with the other's demand: the share is what it was before either.
        Pool("emails", demand: 4);
        Pool("reports", demand: 2);
        Allocations.Of(Samples.Namespace).ReplicasOf("emails").Should().Be(2);

        _outdated.Should().Equal("emails");
    }

    [Fact]
    public void Pools_are_named_when_their_budget_comes_changes_or_goes()
    {
        var emails = Pool("emails", demand: 1);
        Tell(emails, 1);
        Budget(usable: 19);
        Allocations.Of(Samples.Namespace);
        _outdated.Should().Equal("emails");

        _budgets.Remove(new NamespacedName(Samples.Namespace, "orders-db"));
        Allocations.Of(Samples.Namespace);
        _outdated.Should().Equal("emails", "emails");
        Tell(emails, 1).ReplicasOf("emails").Should().Be(0, "without its budget it keeps the pods that it has");

        Budget(usable: 20);
        Allocations.Of(Samples.Namespace).ReplicasOf("emails").Should().Be(1);
        _outdated.Should().Equal("emails");
    }

    [Fact]
    public void A_pool_that_is_gone_is_not_named()
    {
        Tell(Pool("emails", demand: 4), 4);
        Tell(Pool("reports", demand: 0), 0);

        _pools.Remove(new NamespacedName(Samples.Namespace, "emails"));
        Pool("reports", demand: 2);
        Allocations.Of(Samples.Namespace).Claims.Should().ContainSingle();

        _outdated.Should().Equal("reports");
    }

    private NamespaceAllocation Tell(V1Alpha1WorkerPool pool, int demand)
    {
        var told = Allocations.Of(Samples.Namespace, pool, demand);
        _outdated.Clear();
        return told;
    }

    /// <summary>As the cache has it: every change is another object.</summary>
    private V1Alpha1WorkerPool Pool(string name, int demand, int minimum = 0)
    {
        var pool = Samples.Pool(name);
        pool.Spec.Scaling.MinReplicas = minimum;
        pool.Spec.Connections = [new ConnectionSpec { Budget = "orders-db", PerReplica = 5, Weight = 1 }];
        pool.Status = new WorkerPoolStatus { DesiredReplicas = demand };
        _pools.Set(pool.Key(), pool);
        return pool;
    }

    private void Budget(int usable)
    {
        var budget = new V1Alpha1ConnectionBudget { Metadata = new() { Name = "orders-db", Namespace = Samples.Namespace } };
        budget.Spec.Capacity = usable;
        budget.Spec.Reserved = 0;
        _budgets.Set(budget.Key(), budget);
    }
}
