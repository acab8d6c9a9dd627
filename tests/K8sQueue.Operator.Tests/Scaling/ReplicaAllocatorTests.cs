using FsCheck;
using FsCheck.Fluent;
using K8sQueue.Operator.Scaling;

namespace K8sQueue.Operator.Tests.Scaling;

public sealed class ReplicaAllocatorTests
{
    private const int MostMoved = 6;

    private static readonly Dictionary<string, int> Ten = new() { ["db"] = 10 };

    private static readonly Gen<PoolClaim[]> Claims = Gen.Choose(0, 6).SelectMany(count => Gen.CollectToList(Enumerable.Range(0, count).Select(Claim)).Select(list => list.ToArray()));

    private static readonly Arbitrary<(PoolClaim[] Claims, Dictionary<string, int> Usable)> Worlds = Claims
        .SelectMany(claims => Gen.Choose(0, 60).SelectMany(a => Gen.Choose(0, 60).Select(b => (claims, new Dictionary<string, int> { ["a"] = a, ["b"] = b })))).ToArbitrary();

    [Fact]
    public void What_fits_is_given_in_full() => Allocate(Ten, Pool("x", 0, 4), Pool("y", 0, 6)).Should().Equal(Of(("x", 4), ("y", 6)));

    [Fact]
    public void What_does_not_fit_is_shared_evenly() => Allocate(Ten, Pool("x", 0, 50), Pool("y", 0, 50)).Should().Equal(Of(("x", 5), ("y", 5)));

    [Fact]
    public void What_one_does_not_want_the_others_get() => Allocate(Ten, Pool("x", 0, 2), Pool("y", 0, 50)).Should().Equal(Of(("x", 2), ("y", 8)));

    [Fact]
    public void Weights_divide_in_their_proportion() => Allocate(Ten, Pool("x", 0, 50, weight: 4), Pool("y", 0, 50)).Should().Equal(Of(("x", 8), ("y", 2)));

    [Fact]
    public void Minimums_come_before_any_demand() => Allocate(Ten, Pool("x", 7, 7), Pool("y", 0, 50)).Should().Equal(Of(("x", 7), ("y", 3)));

    [Fact]
    public void Larger_replicas_get_fewer() =>
        Allocate(new() { ["db"] = 20 }, Pool("x", 0, 50, perReplica: 5), Pool("y", 0, 50)).Should().Equal(Of(("x", 2), ("y", 10)));

    [Fact]
    public void A_pool_of_two_budgets_is_held_by_the_scarcer_and_leaves_the_other_alone()
    {
        var both = new PoolClaim("x", 0, 50, [new("db", 1, 1), new("cache", 1, 1)]);

        ReplicaAllocator.Allocate([both, Pool("y", 0, 50)], new Dictionary<string, int> { ["db"] = 10, ["cache"] = 2 }).Should().Equal(Of(("x", 2), ("y", 8)));
    }

    [Fact]
    public void A_pool_without_budgets_gets_what_it_wants() =>
        ReplicaAllocator.Allocate([new("x", 0, 500, [])], Ten).Should().Equal(Of(("x", 500)));

    [Fact]
    public void No_budget_is_ever_overdrawn() => Prop.ForAll(Worlds, world =>
    {
        var given = ReplicaAllocator.Allocate(world.Claims, world.Usable);
        return world.Usable.All(budget => Used(world.Claims, given, budget.Key) <= budget.Value);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nobody_gets_more_than_asked_and_nothing_is_left_that_somebody_could_use() => Prop.ForAll(Worlds, world =>
    {
        var given = ReplicaAllocator.Allocate(world.Claims, world.Usable);
        return world.Claims.All(claim => given[claim.Pool] <= claim.Demand
            && (given[claim.Pool] == claim.Demand
                || claim.Shares.Any(share => world.Usable[share.Budget] - Used(world.Claims, given, share.Budget) < share.PerReplica)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Minimums_that_fit_together_are_always_kept() => Prop.ForAll(Worlds, world =>
    {
        var minimums = world.Claims.ToDictionary(claim => claim.Pool, claim => Math.Min(claim.Minimum, claim.Demand));
        var fit = world.Usable.All(budget => Used(world.Claims, minimums, budget.Key) <= budget.Value);
        var given = ReplicaAllocator.Allocate(world.Claims, world.Usable);
        return !fit || world.Claims.All(claim => given[claim.Pool] >= minimums[claim.Pool]);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_order_of_the_claims_does_not_matter() => Prop.ForAll(Worlds, world =>
        ReplicaAllocator.Allocate(world.Claims, world.Usable).OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .SequenceEqual(ReplicaAllocator.Allocate(world.Claims.Reverse(), world.Usable).OrderBy(entry => entry.Key, StringComparer.Ordinal)))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Replicas_of_one_size_are_shared_max_min_by_weight() => Prop.ForAll(Worlds, world =>
    {
        var claims = OfOneSize(world.Claims);
        var given = ReplicaAllocator.Allocate(claims, world.Usable);
        // Nobody who goes short could be helped by the last replica of one who has more, weighed.
        return claims.Where(claim => given[claim.Pool] < claim.Demand).All(poor => claims.All(rich =>
            given[rich.Pool] <= rich.Minimum || (given[rich.Pool] - 1) * WeightOf(poor) <= given[poor.Pool] * WeightOf(rich)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Who_asks_for_more_never_gets_less() => Prop.ForAll(Worlds, world => world.Claims.All(claim =>
    {
        PoolClaim[] more = [.. world.Claims.Select(other => other == claim ? other with { Demand = other.Demand + 1 } : other)];
        return ReplicaAllocator.Allocate(more, world.Usable)[claim.Pool] >= ReplicaAllocator.Allocate(world.Claims, world.Usable)[claim.Pool];
    })).QuickCheckThrowOnFailure();

    [Fact]
    public void Nobody_starves_where_one_replica_of_each_fits() => Prop.ForAll(Worlds, world =>
    {
        PoolClaim[] claims = [.. world.Claims.Select(claim => claim with { Minimum = 0, Demand = claim.Demand + 1 })];
        var ones = claims.ToDictionary(claim => claim.Pool, _ => 1);
        var fit = world.Usable.All(budget => Used(claims, ones, budget.Key) <= budget.Value);
        return !fit || ReplicaAllocator.Allocate(claims, world.Usable).Values.All(replicas => replicas >= 1);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void One_replica_more_or_less_of_demand_moves_at_most_one_replica_of_one_size() => Prop.ForAll(Worlds, world =>
    {
        var claims = OfOneSize(world.Claims);
        var before = ReplicaAllocator.Allocate(claims, world.Usable);
        return claims.All(claim =>
        {
            PoolClaim[] more = [.. claims.Select(other => other == claim ? other with { Demand = other.Demand + 1 } : other)];
            var after = ReplicaAllocator.Allocate(more, world.Usable);
            return claims.Where(other => other != claim).Sum(other => Math.Abs(after[other.Pool] - before[other.Pool])) <= 1;
        });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void One_connection_more_moves_at_most_one_replica_of_one_size() => Prop.ForAll(Worlds, world =>
    {
        var claims = OfOneSize(world.Claims);
        var before = ReplicaAllocator.Allocate(claims, world.Usable);
        var after = ReplicaAllocator.Allocate(claims, new Dictionary<string, int>(world.Usable) { ["a"] = world.Usable["a"] + 1 });
        return claims.All(claim => after[claim.Pool] >= before[claim.Pool]) && after.Values.Sum() - before.Values.Sum() is 0 or 1;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Equal_shares_stay_in_the_order_of_the_names_whatever_the_size_of_the_budget()
    {
        // 3 / 10 / 3 is less than 1 / 10 in floating point.
        PoolClaim[] claims = [.. Enumerable.Range(0, 12).Select(i => Pool($"pool{i:00}", 0, 1000, weight: 1 + (i % 7)))];
        for (var size = 1; size < 800; size++)
        {
            var before = Allocate(new() { ["db"] = size }, claims);
            var after = Allocate(new() { ["db"] = size + 1 }, claims);
            claims.Sum(claim => Math.Abs(after[claim.Pool] - before[claim.Pool])).Should().Be(1, "of {0} connections", size);
        }
    }

    [Fact]
    public void One_replica_more_of_demand_moves_others_by_no_more_than_a_few_of_the_largest_replicas() => Prop.ForAll(Worlds, world =>
    {
        // A large replica that just does not fit any more leaves room for several small ones, in each of the budgets.
        var largest = world.Claims.SelectMany(claim => claim.Shares).Select(share => share.PerReplica).DefaultIfEmpty().Max();
        var before = ReplicaAllocator.Allocate(world.Claims, world.Usable);
        return world.Claims.All(claim =>
        {
            PoolClaim[] more = [.. world.Claims.Select(other => other == claim ? other with { Demand = other.Demand + 1 } : other)];
            var after = ReplicaAllocator.Allocate(more, world.Usable);
            return world.Claims.Where(other => other != claim)
                .Sum(other => Math.Abs(after[other.Pool] - before[other.Pool]) * other.Shares.Sum(share => share.PerReplica)) <= MostMoved * largest;
        });
    }).QuickCheckThrowOnFailure();

    private static PoolClaim[] OfOneSize(PoolClaim[] claims) =>
        [.. claims.Where(claim => claim.Shares.Count > 0).Select(claim => claim with { Shares = [new("a", 1, WeightOf(claim))] })];

    private static int WeightOf(PoolClaim claim) => claim.Shares[0].Weight;

    private static int Used(PoolClaim[] claims, IReadOnlyDictionary<string, int> given, string budget) =>
        claims.Sum(claim => claim.Shares.Where(share => share.Budget == budget).Sum(share => share.PerReplica) * given[claim.Pool]);

    private static IReadOnlyDictionary<string, int> Allocate(Dictionary<string, int> usable, params PoolClaim[] claims) => ReplicaAllocator.Allocate(claims, usable);

    private static PoolClaim Pool(string name, int minimum, int demand, int perReplica = 1, int weight = 1) =>
        new(name, minimum, demand, [new("db", perReplica, weight)]);

    private static Dictionary<string, int> Of(params (string Pool, int Replicas)[] given) => given.ToDictionary(item => item.Pool, item => item.Replicas);

    private static Gen<PoolClaim> Claim(int index) =>
        Gen.Choose(0, 5).SelectMany(minimum => Gen.Choose(0, 20).SelectMany(demand => Gen.Choose(0, 3).SelectMany(kind => Gen.Choose(1, 7).SelectMany(size => Gen.Choose(1, 4).Select(weight =>
            new PoolClaim(FormattableString.Invariant($"pool{index}"), minimum, demand, kind switch
            {
                0 => [],
                1 => [new("a", size, weight)],
                2 => [new("b", size, weight)],
                _ => [new("a", size, weight), new("b", 1, weight)],
            }))))));
}
