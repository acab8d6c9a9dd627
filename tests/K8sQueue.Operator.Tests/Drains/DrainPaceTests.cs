using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Controllers;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

/// <summary>How often workers are asked, and how soon it is noticed what they say.</summary>
public sealed class DrainPaceTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly PoolHarness _harness = new();

    [Fact]
    public async Task Workers_that_are_waited_for_are_asked_every_second_at_most()
    {
        await StartAsync(2);
        await ShrinkToAsync(1);

        (await _harness.ReconcileAsync()).Should().Be(Second);
        var calls = _harness.Workers.Calls.Count;
        for (var i = 0; i < 20; i++)
            await _harness.ReconcileAsync();
        _harness.Workers.Calls.Should().HaveCount(calls, "a pod that changes is no reason to ask again at once");
    }

    [Fact]
    public async Task A_wait_of_minutes_costs_few_calls()
    {
        await StartAsync(20);
        await ShrinkToAsync(19);

        await RunAsync(TimeSpan.FromMinutes(10));

        _harness.Workers.Calls.Count(call => call.StartsWith("quiesce", StringComparison.Ordinal)).Should().BeLessThan(60);
        _harness.Workers.Calls.Should().HaveCountLessThan(1_500, "asking all of them every second would take 12,000 calls");
        _harness.Pods.Should().HaveCount(20);
    }

    [Fact]
    public async Task A_chosen_worker_is_told_again_before_it_fetches_again()
    {
        await StartAsync(2);
        await ShrinkToAsync(1);
        var chosen = _harness.Workers.Quiesced.Single();
        var (told, gaps) = (_harness.Time.GetUtcNow(), new List<TimeSpan>());

        await RunAsync(TimeSpan.FromMinutes(10), () =>
        {
            if (!_harness.Workers.Calls.Remove($"quiesce {chosen}"))
                return true;
            gaps.Add(_harness.Time.GetUtcNow() - told);
            told = _harness.Time.GetUtcNow();
            return true;
        });

        gaps.Should().HaveCountGreaterThan(10).And.OnlyContain(gap => gap < WorkerRounds.Quiesced - TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData(0.4, 2)]
    [InlineData(3.7, 2)]
    [InlineData(10.2, 2)]
    [InlineData(28.9, 2)]
    [InlineData(600, 11)]
    public async Task A_chosen_worker_that_finishes_is_noticed_soon(double after, double within)
    {
        await StartAsync(20);
        await ShrinkToAsync(19);
        await RunAsync(TimeSpan.FromSeconds(after));

        _harness.Workers[_harness.Workers.Quiesced.Single()] = 0;
        var finished = _harness.Time.GetUtcNow();
        await RunAsync(TimeSpan.FromMinutes(1), () => _harness.Pods.Count == 20);

        (_harness.Time.GetUtcNow() - finished).Should().BeLessThanOrEqualTo(TimeSpan.FromSeconds(within));
    }

    [Fact]
    public async Task Another_worker_that_becomes_idle_goes_in_the_place_of_one_that_does_not()
    {
        await StartAsync(20);
        await ShrinkToAsync(19);
        await RunAsync(TimeSpan.FromMinutes(5));
        var chosen = _harness.Workers.Quiesced.Single();

        var other = Names().First(name => name != chosen);
        _harness.Workers[other] = 0;
        await RunAsync(TimeSpan.FromSeconds(15), () => _harness.Pods.Count == 20);

        Names().Should().HaveCount(19).And.NotContain(other);
        _harness.Workers.Quiesced.Should().NotContain(chosen);
    }

    [Fact]
    public async Task Of_more_workers_than_a_round_may_ask_each_has_its_turn()
    {
        await StartAsync(600);
        _harness.Workers.Calls.Clear();
        _harness.Edit(spec => spec.Scaling.MaxReplicas = 599);

        for (var round = 0; round < 3; round++)
        {
            var calls = _harness.Workers.Calls.Count;
            await _harness.ReconcileAsync();
            _harness.Time.Advance(Second);
            (_harness.Workers.Calls.Count - calls).Should().BeInRange(1, 256 + 2);
        }

        Names().Should().OnlyContain(name => _harness.Workers.Calls.Contains($"ask {name}"));
    }

    [Fact]
    public async Task A_removal_that_can_not_be_done_is_tried_less_and_less_often()
    {
        await StartAsync(2);
        foreach (var name in Names())
            _harness.Workers[name] = 0;
        var deployment = _harness.Deployments.Single();
        _harness.Cluster.Change<V1ReplicaSet>(deployment.Metadata.Name!, Samples.Namespace, set => set.Spec.Replicas = 1);
        var lists = 0;
        _harness.Client.Before = call =>
        {
            lists += call == "list pods" ? 1 : 0;
            return Task.CompletedTask;
        };
        _harness.Edit(spec => spec.Scaling.MaxReplicas = 1);

        var end = _harness.Time.GetUtcNow() + TimeSpan.FromMinutes(1);
        while (_harness.Time.GetUtcNow() < end)
            _harness.Time.Advance((await _harness.ReconcileAsync())!.Value);

        lists.Should().BeInRange(20, 40);
        _harness.Pods.Should().HaveCount(2);
    }

    /// <summary>Busy ones, of which only idle ones may go.</summary>
    private async Task StartAsync(int workers)
    {
        _harness.Create(Samples.Pool(change: spec =>
        {
            spec.Drain.Policy = DrainPolicies.IdleOnly;
            spec.Drain.TimeoutSeconds = 3_600;
            spec.Scaling.MaxReplicas = workers;
        }));
        await _harness.SettleAsync();
        _harness.Ask(workers);
        await _harness.SettleAsync();
        foreach (var name in Names())
            _harness.Workers[name] = 1;
    }

    private async Task ShrinkToAsync(int replicas)
    {
        _harness.Edit(spec => spec.Scaling.MaxReplicas = replicas);
        await _harness.SettleAsync();
        _harness.Workers.Quiesced.Should().ContainSingle();
    }

    /// <summary>Looks when the operator asks for it, and no more often.</summary>
    /// <param name="goesOn">Null for until the time is over.</param>
    private async Task RunAsync(TimeSpan time, Func<bool>? goesOn = null)
    {
        var end = _harness.Time.GetUtcNow() + time;
        while (true)
        {
            var next = (await _harness.ReconcileAsync())!.Value;
            _harness.RunReplicaSets();
            _harness.FinishDraining();
            var left = end - _harness.Time.GetUtcNow();
            if (left <= TimeSpan.Zero || goesOn?.Invoke() == false)
                return;
            _harness.Time.Advance(next < left ? next : left);
        }
    }

    private List<string> Names() => [.. _harness.Pods.Where(pod => !pod.IsDeleting()).Select(pod => pod.Metadata.Name!).Order(StringComparer.Ordinal)];
}
