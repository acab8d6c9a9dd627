using K8sQueue.Operator.Entities;
using K8sQueue.Quickstart.Stack;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>A cluster to which KEDA comes late. It is always a stand-in of the test's own: nobody takes KEDA away from a shared one.</summary>
[Collection(EndToEndGroup.OwnClusters)]
public sealed class MissingKedaTests
{
    [Fact]
    public async Task A_pool_says_that_KEDA_is_missing_and_heals_when_it_is_installed()
    {
        await using var stack = await LocalStack.StartAsync(
            new StackOptions
            {
                Directory = EndToEndEnvironment.NewDirectory(),
                Keda = false,
                RedisPort = FreePort.Next(),
                ApiPort = FreePort.Next(),
                ClusterPort = FreePort.Next(),
                OperatorPort = FreePort.Next(),
                StartLimit = TestNamespace.Patience,
            },
            CancellationToken.None);
        using var kubernetes = stack.CreateClient();
        await stack.Kubectl.RunAsync(["create", "secret", "generic", "queue-redis", $"--from-literal=password={stack.RedisPassword}"]);
        var sample = await File.ReadAllTextAsync(Path.Combine(RepositoryLayout.Root, "samples", "quickstart.yaml"));
        await stack.Kubectl.ApplyAsync(sample.Replace("127.0.0.1:21379", stack.RedisAddress, StringComparison.Ordinal));

        await Eventually.IsTrue(async () => await ReasonAsync() == "KedaNotInstalled", TestNamespace.Patience);
        // The event is written after the status that it tells of.
        await Eventually.Passes(async () => (await stack.Kubectl.RunAsync(["describe", "workerpool", "quickstart"]))
            .Should().Contain("Warning").And.Contain("KedaNotInstalled").And.Contain("install KEDA"));

        var definitions = Path.Combine(RepositoryLayout.Root, "tests", "K8sQueue.LocalCluster", "Autoscaling", "Crds");
        await stack.Kubectl.RunAsync(["apply", "-f", definitions]);

        await Eventually.IsTrue(async () => await ReasonAsync() == "ScaledObjectReady", TestNamespace.Patience);

        async Task<string?> ReasonAsync()
        {
            var pool = await kubernetes.GetAsync<V1Alpha1WorkerPool>("quickstart", "default", CancellationToken.None);
            return pool?.Status?.Conditions?.FirstOrDefault(c => c.Type == "ScalingReady")?.Reason;
        }
    }
}
