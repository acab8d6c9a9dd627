using K8sQueue.Operator.Hosting;
using K8sQueue.Quickstart.Processes;
using K8sQueue.Quickstart.Run;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

[Collection(EndToEndGroup.Name)]
public sealed class DisruptionTests(EndToEndEnvironment environment)
{
    [Fact]
    public async Task A_pod_that_dies_at_once_loses_no_job_and_its_jobs_run_again()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        var (queue, ids) = await StartAsync(space, "kill", minReplicas: 2, maxReplicas: 2);

        await space.Kubectl.RunAsync(["delete", "pod", await BusyPodAsync(space, queue), "--grace-period=0", "--force"]);

        await space.WaitForCompletedAsync(queue, ids.Count);
        await ConservationOfJobs.AssertAsync(environment, queue, ids);
    }

    [Fact]
    public async Task A_pod_that_is_deleted_drains_and_uses_up_no_attempt()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        var (queue, ids) = await StartAsync(space, "drain", minReplicas: 2, maxReplicas: 2);

        await space.Kubectl.RunAsync(["delete", "pod", await BusyPodAsync(space, queue), "--wait=true"]);

        await space.WaitForCompletedAsync(queue, ids.Count);
        await ConservationOfJobs.AssertAsync(environment, queue, ids);
        (await space.FiguresAsync(queue)).Recovered.Should().Be(0, "a drained worker leaves nothing behind");
        foreach (var id in ids)
            (await environment.Api.GetJobAsync(id, CancellationToken.None))!["attempt"]!.GetValue<int>().Should().Be(1);
    }

    [Fact]
    public async Task An_evicted_worker_finishes_what_it_can_and_hands_back_the_rest_without_an_attempt()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        var queue = $"evict-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(queue, maxReplicas: 1, minReplicas: 1)
            .Replace("/work\"}", "/work\", \"timeoutSeconds\": 600}", StringComparison.Ordinal));
        var pod = await BusyPodAsync(space, queue);
        await using var logs = new WorkerLogs(environment, space, queue);
        await Eventually.IsTrue(() => logs.Heard.Contains(pod), TestNamespace.Patience);
        string[] ids = [await space.EnqueueHeldAsync(queue), await space.EnqueueHeldAsync(queue)];
        await Eventually.IsTrue(() => Array.TrueForAll(ids, id => environment.Endpoint.Begun(id) == 1), TestNamespace.Patience);

        await Eventually.IsTrue(() => space.TryEvictAsync(pod), TestNamespace.Patience, "the eviction");
        await Eventually.IsTrue(() => logs.JobsAtEnd.ContainsKey(pod), TestNamespace.Patience, "SIGTERM");
        environment.Endpoint.LetEnd(ids[0]);
        await Eventually.IsTrue(() => environment.Endpoint.Begun(ids[1]) == 2, TestNamespace.Patience, "what was handed back begins again");
        environment.Endpoint.LetEnd(ids[1]);

        await space.WaitForCompletedAsync(queue, 2);
        await ConservationOfJobs.AssertAsync(environment, queue, ids);
        var figures = await space.FiguresAsync(queue);
        figures.Should().Match<QueueFigures>(f => f.Started == 3 && f.Released == 1 && f.Recovered == 0 && f.Retried == 0);
        logs.JobsAtEnd[pod].Should().Be(2, "it was busy");
        ids.Select(environment.Endpoint.Begun).Should().Equal(1, 2);
        foreach (var id in ids)
            (await environment.Api.GetJobAsync(id, CancellationToken.None))!["attempt"]!.GetValue<int>().Should().Be(1);
    }

    [Fact]
    public async Task An_operator_that_loses_its_lease_ends_and_is_back_when_the_lease_ran_out()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        var (queue, ids) = await StartAsync(space, "lease");
        var kubectl = new Kubectl(environment.Stack.Kubeconfig, "k8squeue-system");
        var before = await HolderAsync();

        await kubectl.RunAsync(["patch", "lease", OperatorSettings.LeaseName, "--type=merge", "-p", """{"spec": {"holderIdentity": "another"}}"""]);

        await Eventually.IsTrue(async () => await HolderAsync() is not ("another" or "") and var holder && holder != before, TestNamespace.Patience, "another process leads");
        await space.WaitForCompletedAsync(queue, ids.Count);
        await space.WaitForPoolAsync(queue, s => s is { Replicas: 0, ReadyReplicas: 0 }, "back to zero");
        await ConservationOfJobs.AssertAsync(environment, queue, ids);

        Task<string> HolderAsync() => kubectl.RunAsync(["get", "lease", OperatorSettings.LeaseName, "-o", "jsonpath={.spec.holderIdentity}"]);
    }

    [Fact]
    public async Task An_operator_that_crashes_under_load_keeps_the_budget_and_goes_on()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        var (queue, ids) = await StartAsync(space, "crash");
        await using var connections = new ConnectionSampler(environment.Stack.RedisPort, environment.Stack.RedisPassword, queue);

        await environment.Operator.KillAsync();
        await space.Kubectl.RunAsync(["delete", "pod", await BusyPodAsync(space, queue), "--wait=false"]);
        await environment.Operator.StartAsync();

        await space.WaitForCompletedAsync(queue, ids.Count);
        await space.WaitForPoolAsync(queue, s => s is { Replicas: 0, ReadyReplicas: 0 }, "back to zero");
        connections.Peak.Should().BeLessThanOrEqualTo(12);
        await ConservationOfJobs.AssertAsync(environment, queue, ids);
    }

    private static async Task<string> BusyPodAsync(TestNamespace space, string pool)
    {
        var name = "";
        await Eventually.IsTrue(
            async () =>
            {
                var names = await space.Kubectl.RunAsync(
                    ["get", "pods", "-l", $"k8squeue.io/pool={pool}", "-o", "jsonpath={range .items[?(@.status.containerStatuses[0].ready==true)]}{.metadata.name}{\"\\n\"}{end}"]);
                name = names.Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? "";
                return name.Length > 0;
            },
            TestNamespace.Patience,
            "a ready pod");
        return name;
    }

    private static async Task<(string Queue, IReadOnlyList<string> Ids)> StartAsync(
        TestNamespace space, string prefix, int minReplicas = 0, int maxReplicas = 6)
    {
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(capacity: 12);
        var queue = $"{prefix}-{space.Name}";
        await space.Kubectl.ApplyAsync(space.PoolYaml(queue, maxReplicas, minReplicas: minReplicas));
        var ids = await space.EnqueueAsync(queue, 500);
        await space.WaitForPoolAsync(queue, s => s.ReadyReplicas >= 2, "two workers at work");
        return (queue, ids);
    }
}
