using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Budgets;

public sealed class BudgetCapacityTests
{
    private const string Source = "redis cache:6379";

    [Fact]
    public void A_fixed_capacity_counts_as_it_is() => BudgetCapacity.Of(Samples.Budget("db", 100)).Should().Be(100);

    [Theory]
    [InlineData(100, 70, 70)]
    [InlineData(50, 70, 50)]
    [InlineData(null, 70, 70)]
    public void The_smaller_of_the_spec_and_the_server_counts(int? capacity, int discovered, int counts) =>
        BudgetCapacity.Of(Budget(capacity, new() { Capacity = discovered, Source = Source })).Should().Be(counts);

    [Theory]
    [InlineData(null)]
    [InlineData(100)]
    public void A_server_that_was_never_read_gives_nothing(int? capacity)
    {
        var budget = Budget(capacity, null);

        BudgetCapacity.Of(budget).Should().BeNull();
        ConnectionLedger.Usable(budget).Should().Be(0);
    }

    [Fact]
    public void What_another_server_said_gives_nothing() =>
        BudgetCapacity.Of(Budget(null, new() { Capacity = 70, Source = "redis old:6379" })).Should().BeNull();

    [Fact]
    public void A_server_with_less_than_what_is_reserved_gives_nothing()
    {
        var budget = Budget(null, new() { Capacity = 10, Source = Source });
        budget.Spec.Reserved = 20;

        ConnectionLedger.Usable(budget).Should().Be(0);
    }

    private static V1Alpha1ConnectionBudget Budget(int? capacity, DiscoveredCapacity? discovered)
    {
        var budget = Samples.Budget("db", 1);
        budget.Spec.Capacity = capacity;
        budget.Spec.Redis = new RedisServerSpec { Address = "cache:6379" };
        budget.Status = new ConnectionBudgetStatus { Discovered = discovered };
        return budget;
    }
}
