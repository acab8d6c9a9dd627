using K8sQueue.Testing;
using Xunit.Abstractions;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>
/// Scale-ins and rollouts that spare busy workers, by the workers' own word: what each ran when it was told to end.
/// <c>K8SQUEUE_E2E_FULL=1</c> runs 200 jobs of 1 to 60 s; otherwise they are fewer and ten times as short.
/// </summary>
[Collection(EndToEndGroup.Name)]
public sealed class IdleOnlyTests(EndToEndEnvironment environment, ITestOutputHelper output)
{
    private const int MaxReplicas = 5;
    private const int PerReplica = 4;

    private static readonly bool IsFull = Environment.GetEnvironmentVariable("K8SQUEUE_E2E_FULL") == "1";
    private static readonly int Jobs = IsFull ? 200 : 50;
    private static readonly double Longest = IsFull ? 60 : 6;
    private static readonly double Shortest = Longest / (IsFull ? 60 : 30);

    [Theory]
    [InlineData("queue-redis")]
    [InlineData(null)]
    public async Task No_busy_worker_gets_sigterm_while_the_demand_changes_all_the_time_and_templates_roll_out(string? budget)
    {
        var seed = Random.Shared.Next();
        output.WriteLine($"Seed {seed}");
        var random = new Random(seed);
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(MaxReplicas * PerReplica);
        var pool = $"idle-{space.Name}";
        var yaml = PoolYaml(space, pool, "IdleOnly", budget);
        await space.Kubectl.ApplyAsync(yaml);
        await using var logs = new WorkerLogs(environment, space, pool);

        var ids = new List<string>();
        var releases = new Queue<(int Completed, string Yaml)>([(Jobs / 3, NewTemplate(yaml)), (2 * Jobs / 3, yaml)]);
        for (var completed = 0L; completed < Jobs;)
        {
            var backlog = (await space.FiguresAsync(pool)).Backlog;
            for (var wave = backlog < random.Next(20) ? random.Next(5, 25) : 0; wave > 0 && ids.Count < Jobs; wave--)
                ids.Add(await space.EnqueueTimedAsync(pool, Shortest + ((Longest - Shortest) * random.NextDouble() * random.NextDouble())));
            if (releases.TryPeek(out var release) && completed >= release.Completed)
                await space.Kubectl.ApplyAsync(releases.Dequeue().Yaml);
            await LimitAsync(space, pool, random.Next(1, MaxReplicas + 1));
            if (random.Next(3) == 0)
                await space.Kubectl.RunAsync(["scale", "workerpool", pool, $"--replicas={random.Next(MaxReplicas + 1)}"]);
            var next = Math.Min(ids.Count, completed + random.Next(1, 4));
            await space.WaitForCompletedAsync(pool, (int)next);
            completed = (await space.FiguresAsync(pool)).Completed;
        }

        await LimitAsync(space, pool, MaxReplicas);
        await space.WaitForPoolAsync(pool, s => s is { Replicas: 0, ReadyReplicas: 0, DrainingReplicas: 0 }, "back to zero");
        await logs.WhenAllEndedAsync();

        output.WriteLine($"{logs.Heard.Count} workers came and went, {logs.JobsAtEnd.Count} said what they had at the end.");
        // An autoscaler that looks every 15 s, as a cluster's own does, changes little while the short jobs run.
        logs.JobsAtEnd.Should().HaveCountGreaterThan(IsFull ? MaxReplicas : 1, "workers come and go").And.OnlyContain(worker => worker.Value == 0);

        // A kubelet may cut the log of a container that ends at once, as that of an idle worker does; one that drains jobs is heard.
        logs.Heard.Except(logs.JobsAtEnd.Keys).Count().Should().BeLessThan(logs.JobsAtEnd.Count, "each worker says what it has when it is told to end");
        await AssertStartedOnceAsync(space, pool, ids);
    }

    [Theory]
    [InlineData("IdleFirst", "queue-redis")]
    [InlineData("IdleFirst", null)]
    [InlineData("IdleOnly", null)]
    public async Task Idle_workers_go_while_busy_ones_work_on(string policy, string? budget)
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.CreateBudgetAsync(4 * PerReplica);
        var pool = $"first-{space.Name}";
        // One job a worker, so that two jobs make two workers busy.
        await space.Kubectl.ApplyAsync(PoolYaml(space, pool, policy, budget, minReplicas: 4).Replace("value: \"4\"", "value: \"1\"", StringComparison.Ordinal));
        await space.WaitForPoolAsync(pool, s => s.ReadyReplicas == 4, "four workers");
        await using var logs = new WorkerLogs(environment, space, pool);
        await Eventually.IsTrue(() => logs.Heard.Count == 4, TestNamespace.Patience);
        string[] ids = [await space.EnqueueTimedAsync(pool, 6), await space.EnqueueTimedAsync(pool, 6)];
        await Eventually.IsTrue(async () => (await space.FiguresAsync(pool)).Started == 2, TestNamespace.Patience);

        await space.Kubectl.RunAsync(["patch", "workerpool", pool, "--type=merge", "-p", """{"spec": {"scaling": {"minReplicas": 2, "maxReplicas": 2}}}"""]);
        await Eventually.IsTrue(() => logs.JobsAtEnd.Count == 2, TestNamespace.Patience, "two workers end");

        logs.JobsAtEnd.Values.Should().OnlyContain(jobs => jobs == 0);
        await space.WaitForCompletedAsync(pool, ids.Length);
        await AssertStartedOnceAsync(space, pool, ids);
        logs.JobsAtEnd.Should().HaveCount(2, "the busy ones stay");
    }

    private async Task AssertStartedOnceAsync(TestNamespace space, string queue, IReadOnlyList<string> ids)
    {
        await ConservationOfJobs.AssertAsync(environment, queue, ids);
        var figures = await space.FiguresAsync(queue);
        (figures.Recovered, figures.Retried).Should().Be((0, 0));
        // A fetch that a worker had under way when it was told to fetch no more is handed back unseen, and counts as a start of the queue's.
        figures.Started.Should().Be(ids.Count + figures.Released);
        foreach (var id in ids)
            environment.Endpoint.Begun(id).Should().Be(1, "no job that began is handed back or tried again");
    }

    private static string PoolYaml(TestNamespace space, string name, string policy, string? budget, int minReplicas = 0) =>
        space.PoolYaml(name, MaxReplicas, jobsPerReplica: 4, PerReplica, budget, minReplicas: minReplicas)
            .Replace("drain: {timeoutSeconds: 20}", $"drain: {{timeoutSeconds: {(IsFull ? 90 : 20)}, policy: {policy}}}", StringComparison.Ordinal)
            .Replace("value: \"2\"", "value: \"4\"", StringComparison.Ordinal)
            .Replace("/work\"}", "/work\", \"timeoutSeconds\": 120}", StringComparison.Ordinal);

    private static string NewTemplate(string yaml) => yaml.Replace("value: \"4\"", "value: \"3\"", StringComparison.Ordinal);

    private static Task<string> LimitAsync(TestNamespace space, string pool, int replicas) =>
        space.Kubectl.RunAsync(["patch", "workerpool", pool, "--type=merge", "-p", $$$"""{"spec": {"scaling": {"maxReplicas": {{{replicas}}} } } }"""]);
}
