using K8sQueue.Kubernetes.Models;
using K8sQueue.Quickstart.Processes;
using K8sQueue.Quickstart.Run;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

[Collection(EndToEndGroup.Name)]
public sealed class RolloutTests(EndToEndEnvironment environment)
{
    [Fact]
    public async Task A_rollout_under_load_stays_within_the_budget_and_loses_no_job()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        var pool = $"load-{space.Name}";
        var yaml = space.PoolYaml(pool, minReplicas: 2);
        await space.Kubectl.ApplyAsync(yaml);
        await WaitForStableAsync(space, pool);
        var before = (await space.PoolAsync(pool)).Status!.CurrentRevision;
        await using var connections = new ConnectionSampler(environment.Stack.RedisPort, environment.Stack.RedisPassword, pool);
        var ids = await space.EnqueueAsync(pool, 600);
        await space.WaitForPoolAsync(pool, s => s.ReadyReplicas == 3, "three workers, which is all of the budget");

        await space.Kubectl.ApplyAsync(NewTemplate(yaml));
        await WaitUntilReadyAsync(space, pool, "4m");

        // Read after kubectl: what it waited for was the new template.
        var seen = await space.PoolAsync(pool);
        seen.Status!.StableRevision.Should().Be(seen.Status.CurrentRevision).And.NotBe(before);
        seen.Status.UpdatedReplicas.Should().BeGreaterThanOrEqualTo(
            seen.Status.ReadyReplicas, "those that are ready are of the new template, though it may grow already");
        await space.WaitForPoolAsync(pool, s => s.UpdatedReplicas == s.ReadyReplicas, "all that serve ready, and of the new template");
        await space.WaitForCompletedAsync(pool, ids.Count);
        connections.Peak.Should().BeGreaterThan(0).And.BeLessThanOrEqualTo(12);
        await ConservationOfJobs.AssertAsync(environment, pool, ids);
        (await space.FiguresAsync(pool)).Recovered.Should().Be(0, "old workers drain");
    }

    [Fact]
    public async Task A_bad_image_stops_the_rollout_while_the_old_workers_go_on_and_a_rollback_heals_it()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        var pool = $"bad-{space.Name}";
        var yaml = space.PoolYaml(pool, minReplicas: 2).Replace("  drain:", "  rollout: {progressDeadlineSeconds: 5}\n  drain:", StringComparison.Ordinal);
        await space.Kubectl.ApplyAsync(yaml);
        await WaitForStableAsync(space, pool);
        var good = await space.PoolAsync(pool);
        var deployment = await DeploymentAsync(space, good.Status!.CurrentRevision!);

        await space.Kubectl.ApplyAsync(yaml.Replace($"image: {EndToEndEnvironment.WorkerImage}", "image: registry.invalid/acme/nothing:here", StringComparison.Ordinal));
        await space.WaitForConditionAsync(pool, "Progressing", "False", "ProgressDeadlineExceeded");

        var stalled = (await space.PoolAsync(pool)).Status!;
        var ready = stalled.Conditions.Find("Ready")!;
        ready.Status.Should().Be("False");
        ready.Reason.Should().Be("ProgressDeadlineExceeded");
        ready.Message.Should().Contain("ImagePullBackOff").And.Contain("registry.invalid/acme/nothing:here");
        stalled.StableRevision.Should().Be(good.Status.CurrentRevision);
        stalled.UpdatedReplicas.Should().Be(1, "one is left to see it heal by");
        var ids = await space.EnqueueAsync(pool, 100);
        await space.WaitForCompletedAsync(pool, ids.Count);
        (await space.PoolAsync(pool)).Status!.ReadyReplicas.Should().BeGreaterThanOrEqualTo(2);

        await space.Kubectl.ApplyAsync(yaml);
        await WaitUntilReadyAsync(space, pool, "2m");

        (await DeploymentAsync(space, good.Status.CurrentRevision!)).Should().Be(deployment, "the very same Deployment serves on");
        await ConservationOfJobs.AssertAsync(environment, pool, ids);
        await Eventually.IsTrue(
            async () => (await space.Kubectl.RunAsync(["get", "events", "-o", "jsonpath={.items[*].reason}"])) is var reasons
                && reasons.Contains("ProgressDeadlineExceeded", StringComparison.Ordinal) && reasons.Contains("RolledBack", StringComparison.Ordinal),
            TestNamespace.Patience,
            "the events");
    }

    [Fact]
    public async Task Kubectl_wait_does_not_take_the_word_of_before_for_an_answer()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        var pool = $"wait-{space.Name}";
        var yaml = space.PoolYaml(pool, budget: null, minReplicas: 1);
        await space.Kubectl.ApplyAsync(yaml);
        await WaitForStableAsync(space, pool);
        var before = (await space.PoolAsync(pool)).Status!.CurrentRevision;

        await environment.Operator.KillAsync();
        try
        {
            await space.Kubectl.ApplyAsync(NewTemplate(yaml));
            var early = () => WaitUntilReadyAsync(space, pool, "3s");
            await early.Should().ThrowAsync<KubectlException>("the status is about the template of before");
        }
        finally
        {
            await environment.Operator.StartAsync();
        }

        await WaitUntilReadyAsync(space, pool, "2m");
        (await space.PoolAsync(pool)).Status!.Should().Match<Operator.Entities.WorkerPoolStatus>(s => s.CurrentRevision != before && s.StableRevision == s.CurrentRevision);
    }

    private static string NewTemplate(string yaml) => yaml.Replace("value: \"2\"", "value: \"3\"", StringComparison.Ordinal);

    private static Task WaitForStableAsync(TestNamespace space, string pool) =>
        space.WaitForPoolAsync(pool, s => s.StableRevision is not null && s.StableRevision == s.CurrentRevision && s.Conditions.IsTrue("Ready"), "the first revision runs");

    private static async Task WaitUntilReadyAsync(TestNamespace space, string pool, string timeout) =>
        await space.Kubectl.RunAsync(["wait", "--for=condition=Ready", $"workerpool/{pool}", $"--timeout={timeout}"]);

    private static async Task<string> DeploymentAsync(TestNamespace space, string revision) =>
        await space.Kubectl.RunAsync(["get", "deployments", "-l", $"k8squeue.io/revision={revision}", "-o", "jsonpath={.items[*].metadata.uid}"]);
}
