using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

[Collection(EndToEndGroup.Name)]
public sealed class PushTests(EndToEndEnvironment environment)
{
    // Polling alone would let a job wait for longer than any of these tests does.
    private const int PollingIntervalSeconds = 600;

    [Fact]
    public async Task The_first_job_of_a_pushed_queue_starts_a_pod_at_once_and_the_pool_goes_back_to_zero()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        var queue = $"push-{space.Name}";
        await ApplyAsync(space, queue, PollingIntervalSeconds);

        await space.WaitForConditionAsync(queue, "ScalingReady", "True");
        var ids = await space.EnqueueAsync(queue, 1);
        await Eventually.IsTrue(async () => (await PodsAsync(space)).Length > 0, TestNamespace.Patience, "a pod");

        await space.WaitForCompletedAsync(queue, 1);
        await ConservationOfJobs.AssertAsync(environment, queue, ids);

        // KEDA hears of the end only by polling.
        await ApplyAsync(space, queue, pollingIntervalSeconds: 1);
        await space.WaitForPoolAsync(queue, s => s is { Replicas: 0, ReadyReplicas: 0 }, "back to zero");
    }

    [Fact]
    public async Task A_paused_queue_starts_nothing_and_its_resumption_does()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        var queue = $"paused-{space.Name}";
        await ApplyAsync(space, queue, PollingIntervalSeconds);
        await space.WaitForConditionAsync(queue, "ScalingReady", "True");
        await SetPausedAsync(queue, paused: true);
        await space.EnqueueAsync(queue, 1);
        await Eventually.IsTrue(async () => (await space.FiguresAsync(queue)).Backlog == 1, TestNamespace.Patience, "a job that waits");
        (await PodsAsync(space)).Should().BeEmpty();

        await SetPausedAsync(queue, paused: false);

        await space.WaitForCompletedAsync(queue, 1);
    }

    [Fact]
    public async Task A_scaled_object_of_another_namespace_learns_nothing_with_this_ones_certificate()
    {
        await using var mine = await TestNamespace.CreateAsync(environment);
        await using var other = await TestNamespace.CreateAsync(environment);
        await mine.CreateSecretAsync();
        await other.CreateSecretAsync();
        var queue = $"mine-{mine.Name}";
        await ApplyAsync(mine, queue, 1);
        await ApplyAsync(other, queue, 1);
        await mine.WaitForConditionAsync(queue, "ScalingReady", "True");
        await other.WaitForConditionAsync(queue, "ScalingReady", "True");

        // The other's certificate takes this one's place: it is a good one, of the wrong namespace.
        var stolen = (await environment.Kubernetes.GetAsync<V1Secret>("k8squeue-push-client", other.Name, CancellationToken.None))!;
        var own = (await environment.Kubernetes.GetAsync<V1Secret>("k8squeue-push-client", mine.Name, CancellationToken.None))!;
        own.Data = stolen.Data;
        await environment.Kubernetes.ReplaceAsync(own, CancellationToken.None);
        await mine.Kubectl.RunAsync(["patch", "scaledobject", queue, "--type=merge", "-p", """{"spec":{"cooldownPeriod":4}}"""]);

        await Eventually.IsTrue(
            async () => (await environment.Kubernetes.GetAsync<V1Alpha1ScaledObject>(queue, mine.Name, CancellationToken.None))!
                .Status?.Conditions?.Exists(c => c is { Type: "Ready", Status: "False" }) == true,
            TestNamespace.Patience,
            "KEDA is refused");
    }

    [Fact]
    public async Task A_pushed_pool_survives_the_operators_death()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        var queue = $"restart-{space.Name}";
        await ApplyAsync(space, queue, 2);
        await space.WaitForConditionAsync(queue, "ScalingReady", "True");

        await environment.Operator.KillAsync();
        var ids = await space.EnqueueAsync(queue, 3);
        await environment.Operator.StartAsync();

        await space.WaitForCompletedAsync(queue, 3);
        await ConservationOfJobs.AssertAsync(environment, queue, ids);
    }

    private static Task<string> ApplyAsync(TestNamespace space, string queue, int pollingIntervalSeconds) =>
        space.Kubectl.ApplyAsync(space.PoolYaml(queue, budget: null)
            .Replace("k8squeue:", "k8squeue:\n      signal: Push", StringComparison.Ordinal)
            .Replace("pollingIntervalSeconds: 1", $"pollingIntervalSeconds: {pollingIntervalSeconds}", StringComparison.Ordinal));

    private static async Task<string> PodsAsync(TestNamespace space) => (await space.Kubectl.RunAsync(["get", "pods", "-o", "name"])).Trim();

    private async Task SetPausedAsync(string queue, bool paused)
    {
        using var http = new HttpClient { BaseAddress = environment.Stack.ApiUrl };
        http.DefaultRequestHeaders.Authorization = new("Bearer", environment.Stack.ApiKey);
        using var response = await http.PostAsync(new Uri($"v1/queues/{queue}/{(paused ? "pause" : "resume")}", UriKind.Relative), null);
        response.EnsureSuccessStatusCode();
    }
}
