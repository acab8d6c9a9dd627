using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Quickstart.Stack;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>A cluster to which the Prometheus operator's kinds come late. It is always a stand-in of the test's own: a shared one has them or has not.</summary>
[Collection(EndToEndGroup.OwnClusters)]
public sealed class MissingPrometheusTests
{
    [Fact]
    public async Task A_pool_works_without_the_Prometheus_operator_and_is_monitored_when_that_is_installed()
    {
        await using var stack = await LocalStack.StartAsync(
            new StackOptions
            {
                Directory = EndToEndEnvironment.NewDirectory(),
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
        await stack.Kubectl.ApplyAsync(sample.Replace("127.0.0.1:21379", stack.RedisAddress, StringComparison.Ordinal)
            .Replace("  drain:", "  monitoring: {podMonitor: true, alerts: true}\n  drain:", StringComparison.Ordinal));

        await Eventually.IsTrue(async () => await ReasonAsync("Monitored") == "PrometheusOperatorNotInstalled", TestNamespace.Patience);
        await Eventually.IsTrue(async () => await ReasonAsync("Ready") == "ScaledToZero", TestNamespace.Patience);
        // The event is written after the status that it tells of.
        await Eventually.Passes(async () => (await stack.Kubectl.RunAsync(["describe", "workerpool", "quickstart"]))
            .Should().Contain("Warning").And.Contain("PrometheusOperatorNotInstalled").And.Contain("install the Prometheus operator"));

        await stack.Kubectl.RunAsync(["apply", "-f", Path.Combine(RepositoryLayout.Root, "tests", "K8sQueue.LocalCluster", "Monitoring")]);

        await Eventually.IsTrue(async () => await ReasonAsync("Monitored") == "MonitoringInPlace", TestNamespace.Patience);
        (await stack.Kubectl.RunAsync(["get", "podmonitor", "quickstart", "-o", "jsonpath={.spec.podMetricsEndpoints[0].port}"])).Should().Be("management");
        (await stack.Kubectl.RunAsync(["get", "prometheusrule", "quickstart", "-o", "jsonpath={.spec.groups[0].rules[*].alert}"]))
            .Should().StartWith("K8sQueueWorkerPoolNotReady ").And.EndWith(" K8sQueueJobsBuried");

        await stack.Kubectl.RunAsync(["patch", "workerpool", "quickstart", "--type=json", "-p", """[{"op":"remove","path":"/spec/monitoring"}]"""]);

        await Eventually.IsTrue(async () => await ReasonAsync("Monitored") is null, TestNamespace.Patience);
        (await stack.Kubectl.RunAsync(["get", "podmonitors,prometheusrules", "-o", "name"])).Should().BeEmpty();

        async Task<string?> ReasonAsync(string type)
        {
            var pool = await kubernetes.GetAsync<V1Alpha1WorkerPool>("quickstart", "default", CancellationToken.None);
            return pool?.Status?.Conditions.Find(type)?.Reason;
        }
    }
}
