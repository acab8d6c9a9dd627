using K8sQueue.Quickstart.Stack;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>What docs/tutorial.md tells of its pool, at another address and in less time.</summary>
[Collection(EndToEndGroup.Name)]
public sealed class TutorialTests(EndToEndEnvironment environment)
{
    private const string Pool = "reports";

    [Fact]
    public async Task The_tutorials_pool_goes_from_zero_to_its_most_and_back_while_it_runs_a_thousand_jobs()
    {
        await using var space = await TestNamespace.CreateAsync(environment);
        await space.CreateSecretAsync();
        await space.Kubectl.ApplyAsync(PoolYaml());
        await space.WaitUntilReadyAsync(Pool);
        (await space.PoolAsync(Pool)).Status!.Replicas.Should().Be(0);

        var ids = await space.EnqueueAsync(Pool, 1000);

        await space.WaitForPoolAsync(Pool, s => s is { ReadyReplicas: 5, LimitedBy: "MaxReplicas" }, "5 workers, the most that it may have");
        await space.WaitForCompletedAsync(Pool, ids.Count);
        await space.WaitForPoolAsync(Pool, s => s is { DesiredReplicas: 0, Replicas: 0, ReadyReplicas: 0 }, "back to zero");
        await ConservationOfJobs.AssertAsync(environment, Pool, ids);
    }

    /// <summary>The sample's last document: before it comes the application, whose place the suite's endpoint takes.</summary>
    private string PoolYaml()
    {
        var yaml = File.ReadAllText(Path.Combine(RepositoryLayout.Root, "samples", "tutorial.yaml")).Split("\n---\n")[^1];
        (string Told, string Here)[] changes =
        [
            ("k8squeue-redis.k8squeue-system:6379", environment.Stack.RedisAddress),
            ("http://app:8000/jobs", environment.EndpointUrl),
            ("ghcr.io/k8squeue/worker:0.1.0-alpha", EndToEndEnvironment.WorkerImage),
            ("5/1s", "20/1s"),
            ("pollingIntervalSeconds: 5", "pollingIntervalSeconds: 1"),
            ("cooldownSeconds: 30", "cooldownSeconds: 3"),
            ("stabilizationSeconds: 15", "stabilizationSeconds: 3"),
        ];
        foreach (var (told, here) in changes)
        {
            yaml.Should().Contain(told);
            yaml = yaml.Replace(told, here, StringComparison.Ordinal);
        }

        return yaml;
    }
}
