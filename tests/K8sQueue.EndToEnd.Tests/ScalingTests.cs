using K8sQueue.Quickstart.Run;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

[Collection(EndToEndGroup.Name)]
public sealed class ScalingTests(EndToEndEnvironment environment)
{
    [Fact]
    public async Task A_pool_grows_with_its_queue_within_the_budget_and_goes_back_to_zero()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 16, reserved: 3);
        var queue = $"grow-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(queue));
        await space.WaitUntilReadyAsync(queue);
        (await space.PoolAsync(queue)).Status!.Replicas.Should().Be(0);

        await using var connections = new ConnectionSampler(environment.Stack.RedisPort, environment.Stack.RedisPassword, queue);
        var ids = await space.EnqueueAsync(queue, 600);

        // 600 jobs at 20 a worker ask for 30, the pool allows 6, and the budget (16 - 3) / 4 = 3.
        await space.WaitForPoolAsync(queue, s => s.ReadyReplicas == 3 && s.LimitedBy == "ConnectionBudget/queue-redis", "3 workers, limited by the budget");
        await space.WaitForCompletedAsync(queue, ids.Count);
        await space.WaitForPoolAsync(queue, s => s is { Replicas: 0, ReadyReplicas: 0 }, "back to zero");
        await Eventually.IsTrue(async () => (await space.BudgetAsync()).Status is { InUse: 0, Pending: null or { Count: 0 } }, TestNamespace.Patience);

        connections.Peak.Should().BeGreaterThan(4).And.BeLessThanOrEqualTo(13);
        await ConservationOfJobs.AssertAsync(environment, queue, ids);
    }

    [Fact]
    public async Task A_pool_whose_queue_lets_no_more_jobs_run_does_not_grow_until_it_does()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        var queue = $"limit-{space.Name}";
        await environment.Api.SetConcurrencyAsync(queue, 1, CancellationToken.None);
        await space.Kubectl.ApplyAsync(space.PoolYaml(queue, budget: null, minReplicas: 1));
        await space.WaitForPoolAsync(queue, s => s.ReadyReplicas == 1, "one worker, with room for two jobs");

        var ids = new List<string>();
        for (var i = 0; i < 100; i++)
            ids.Add(await space.EnqueueTimedAsync(queue, 0.5));
        await space.WaitForPoolAsync(queue, s => s is { LimitedBy: "ConcurrencyLimit", Replicas: 1, DesiredReplicas: > 1 }, "one worker, more asked for");
        await environment.Api.SetConcurrencyAsync(queue, 0, CancellationToken.None);

        await space.WaitForPoolAsync(queue, s => s.ReadyReplicas > 1, "more workers, as nothing holds them");
        await space.WaitForCompletedAsync(queue, ids.Count);
        await ConservationOfJobs.AssertAsync(environment, queue, ids);
    }

    [Fact]
    public async Task Two_pools_share_a_budget_and_neither_starves()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 16);
        var first = $"a-{space.Name}";
        var second = $"b-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(first) + "\n---\n" + space.PoolYaml(second));
        var ids = await Task.WhenAll(space.EnqueueAsync(first, 400), space.EnqueueAsync(second, 400));

        await Eventually.IsTrue(
            async () => (await space.PoolAsync(first)).Status is { ReadyReplicas: >= 1 } && (await space.PoolAsync(second)).Status is { ReadyReplicas: >= 1 },
            TestNamespace.Patience,
            "both pools work");
        (await space.BudgetAsync()).Status!.InUse.Should().BeLessThanOrEqualTo(16);
        await space.WaitForCompletedAsync(first, 400);
        await space.WaitForCompletedAsync(second, 400);
        await ConservationOfJobs.AssertAsync(environment, first, ids[0]);
        await ConservationOfJobs.AssertAsync(environment, second, ids[1]);
    }

    [Fact]
    public async Task Kubectl_scale_writes_the_demand_of_a_pool_and_wait_sees_it_ready()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        var pool = $"scale-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool, budget: null, minReplicas: 1));

        await space.Kubectl.RunAsync(["scale", "workerpool", pool, "--replicas=2"]);
        await space.WaitForPoolAsync(pool, s => s.ReadyReplicas == 2, "two workers");
        await space.Kubectl.RunAsync(["wait", "--for=condition=Ready", $"workerpool/{pool}", "--timeout=60s"]);
    }
}
