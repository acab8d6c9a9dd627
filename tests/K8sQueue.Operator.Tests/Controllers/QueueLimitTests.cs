using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>Pools whose queue lets no more jobs start, or run.</summary>
public sealed class QueueLimitTests
{
    private readonly PoolHarness _harness = new();

    [Theory]
    [InlineData("queue-rate", "RateLimit")]
    [InlineData("queue-concurrency", "ConcurrencyLimit")]
    public async Task A_pool_does_not_grow_while_its_queue_holds_a_worker_that_has_room(string blockedBy, string limit)
    {
        await StartAsync(3);
        _harness.Workers.BlockedBy[Names().Order(StringComparer.Ordinal).Last()] = blockedBy;

        _harness.Ask(10);
        await _harness.SettleAsync();

        Names().Should().HaveCount(3);
        _harness.Pool().Status.Should().BeEquivalentTo(new { DesiredReplicas = 10, LimitedBy = limit });
        (await _harness.ReconcileAsync()).Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromSeconds(5));
        _harness.Workers.BlockedBy.Clear();
        _harness.Time.Advance(TimeSpan.FromSeconds(19));
        await _harness.SettleAsync();
        Names().Should().HaveCount(3, "a worker that found a job a moment ago is held again the next");

        _harness.Time.Advance(TimeSpan.FromSeconds(2));
        await _harness.SettleAsync();

        Names().Should().HaveCount(10);
        _harness.Pool().Status!.LimitedBy.Should().Be("MaxReplicas");
    }

    [Fact]
    public async Task A_workers_own_limit_keeps_no_other_from_jobs()
    {
        await StartAsync(1);
        _harness.Workers.BlockedBy[Names().Single()] = "rate";

        _harness.Ask(3);
        await _harness.SettleAsync();

        Names().Should().HaveCount(3);
    }

    [Fact]
    public async Task All_workers_are_asked_in_turn()
    {
        await StartAsync(9);
        _harness.Workers.BlockedBy[Names().Order(StringComparer.Ordinal).Last()] = "queue-rate";
        _harness.Workers.BlockedBy[Names().Order(StringComparer.Ordinal).First()] = "queue-rate";
        _harness.Ask(10);
        await _harness.SettleAsync();
        _harness.Workers.BlockedBy.Remove(Names().Order(StringComparer.Ordinal).First());

        for (var i = 0; i < 20; i++)
        {
            _harness.Time.Advance(TimeSpan.FromSeconds(5));
            await _harness.SettleAsync();
        }

        Names().Should().HaveCount(9);
    }

    [Fact]
    public async Task The_minimum_holds_and_a_pool_that_shrinks_asks_nobody_whether_it_may()
    {
        await StartAsync(3);
        foreach (var name in Names())
            _harness.Workers.BlockedBy[name] = "queue-rate";
        _harness.Edit(spec => spec.Scaling.MinReplicas = 5);
        await _harness.SettleAsync();
        Names().Should().HaveCount(5);

        _harness.Edit(spec => spec.Scaling.MinReplicas = 0);
        _harness.Edit(spec => spec.Suspend = true);
        await _harness.SettleAsync();

        Names().Should().BeEmpty();
    }

    [Fact]
    public async Task What_a_held_pool_has_no_use_for_is_the_other_pools()
    {
        _harness.Cluster.Create(Samples.Budget("db", 12));
        await StartAsync(2, "db");
        foreach (var name in Names())
            _harness.Workers.BlockedBy[name] = "queue-rate";
        _harness.Ask(10);
        await _harness.SettleAsync();
        _harness.Create(Samples.Pool("other", spec =>
        {
            spec.Scaling.MaxReplicas = 10;
            spec.Connections = [Samples.Connection("db", 1)];
        }));
        await _harness.SettleAsync();
        _harness.Ask(10, "other");
        await _harness.SettleAsync();

        _harness.Pods.Count(pod => pod.Label(Labels.Pool) == "other" && !pod.IsGated()).Should().Be(10);
        Names().Should().HaveCount(2);
    }

    private async Task StartAsync(int workers, string? budget = null)
    {
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Scaling.MaxReplicas = 10;
            spec.Connections = budget is null ? [] : [Samples.Connection(budget, 1)];
        }));
        await _harness.SettleAsync();
        _harness.Ask(workers);
        await _harness.SettleAsync();
        Names().Should().HaveCount(workers);
        _harness.Time.Advance(TimeSpan.FromSeconds(1));
    }

    private IReadOnlyList<string> Names() =>
        [.. _harness.Pods.Where(pod => pod.Label(Labels.Pool) == "emails" && !pod.IsDeleting()).Select(pod => pod.Metadata.Name!)];
}
