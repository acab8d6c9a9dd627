using K8sQueue.Api.Cluster;
using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Api.Dashboard.Charts;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Api.Tests.Dashboard;

public sealed class BudgetSharesTests
{
    [Fact]
    public void A_budget_is_parted_into_what_is_reserved_external_held_and_free() => Shares(
        capacity: 100, reserved: 30, inUse: 40, available: 30, external: [("api", 10)], pools: [("a", 15), ("b", 25)])
        .Should().Equal("Reserved 20", "External: api 10", "Pool a 15", "Pool b 25", "Free 30");

    [Fact]
    public void What_pods_of_no_pool_hold_is_seen() => Shares(
        capacity: 100, reserved: 0, inUse: 40, available: 60, external: [], pools: [("a", 15)])
        .Should().Equal("Reserved 0", "Pool a 15", "Pods of no pool 25", "Free 60");

    [Fact]
    public void More_than_there_is_leaves_nothing_free() => Shares(
        capacity: 20, reserved: 5, inUse: 40, available: -25, external: [], pools: [("a", 40)])
        .Should().Equal("Reserved 5", "Pool a 40", "Free 0");

    private static IEnumerable<string> Shares(
        int capacity, int reserved, int inUse, int available, (string Name, int Connections)[] external, (string Pool, int Connections)[] pools)
    {
        var budget = new ConnectionBudgetResource
        {
            Metadata = new V1ObjectMeta { Namespace = "shop", Name = "orders-db" },
            Spec = new BudgetSpec { External = [.. external.Select(one => new BudgetExternal { Name = one.Name, Connections = one.Connections })] },
            Status = new BudgetStatus
            {
                Capacity = capacity,
                Reserved = reserved,
                InUse = inUse,
                Available = available,
                Allocations = [.. pools.Select(one => new BudgetAllocation { Pool = one.Pool, Connections = one.Connections })],
            },
        };
        return BudgetShares.Of(BudgetDocument.From(budget)).Select(share => $"{share.Title} {share.Connections}");
    }
}
