using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

[Collection(EndToEndGroup.Name)]
public sealed class LifecycleTests(EndToEndEnvironment environment)
{
    [Fact]
    public async Task Get_shows_the_columns()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        await space.Kubectl.ApplyAsync(space.PoolYaml("columns"));
        await space.WaitUntilReadyAsync("columns");

        var lines = (await space.Kubectl.RunAsync(["get", "workerpools"])).Split('\n');
        lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Should().Equal("NAME", "READY", "DESIRED", "CURRENT", "MAX", "LIMITED-BY", "AGE");
        lines[1].Should().StartWith("columns").And.Contain("True");
        (await space.Kubectl.RunAsync(["get", "wp", "-o", "name"])).Trim().Should().Be("workerpool.k8squeue.io/columns");
        (await space.Kubectl.RunAsync(["get", "cb", "-o", "name"])).Trim().Should().Be("connectionbudget.k8squeue.io/queue-redis");
    }

    [Fact]
    public async Task A_deleted_pool_leaves_nothing_behind()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        var pool = $"gone-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool, minReplicas: 1));
        await space.WaitForPoolAsync(pool, s => s.ReadyReplicas == 1, "one worker");

        await space.Kubectl.RunAsync(["delete", "workerpool", pool, "--wait=true", "--timeout=120s"]);

        (await space.Kubectl.RunAsync(["get", "scaledobjects", "-o", "name"])).Should().BeEmpty("it is deleted before the pool goes");
        await Eventually.IsTrue(
            async () => (await space.Kubectl.RunAsync(
                ["get", "deployments,replicasets,pods,horizontalpodautoscalers,triggerauthentications,poddisruptionbudgets", "-o", "name"])).Length == 0,
            TestNamespace.Patience,
            "every child is gone");
        await Eventually.IsTrue(async () => (await space.BudgetAsync()).Status is { InUse: 0 }, TestNamespace.Patience, "its connections are free");
    }

    [Fact]
    public async Task A_namespace_that_is_deleted_with_its_pools_goes_away()
    {
        var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        var pool = $"ns-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(pool, minReplicas: 1));
        await space.WaitForPoolAsync(pool, s => s.ReadyReplicas == 1, "one worker");

        await environment.Stack.Kubectl.RunAsync(["delete", "namespace", space.Name, "--wait=true", "--timeout=180s"]);
    }

    [Fact]
    public async Task A_new_template_replaces_the_workers_within_the_budget()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 8);
        var pool = $"roll-{space.Name}";
        var yaml = space.PoolYaml(pool, minReplicas: 2);
        await space.Kubectl.ApplyAsync(yaml);
        await space.WaitForPoolAsync(pool, s => s is { ReadyReplicas: 2, UpdatedReplicas: 2 }, "two workers");
        var before = (await space.PoolAsync(pool)).Status!.CurrentRevision;

        // The budget is full: the old workers have to go before the new ones can come.
        await space.Kubectl.ApplyAsync(yaml.Replace("value: \"2\"", "value: \"3\"", StringComparison.Ordinal));

        await space.WaitForPoolAsync(pool, s => s is { ReadyReplicas: 2, UpdatedReplicas: 2 } && s.CurrentRevision != before, "two new workers");
        (await space.BudgetAsync()).Status!.InUse.Should().BeLessThanOrEqualTo(8);
    }
}
