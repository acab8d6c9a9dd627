using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>The real helm over LocalCluster: install, test, upgrade under load, uninstall.</summary>
public sealed class InstallTests
{
    private const int Jobs = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    [Fact]
    public async Task An_installation_runs_jobs_loses_none_at_an_upgrade_and_leaves_definitions_and_pools_behind()
    {
        await using var cluster = await InstallationCluster.StartAsync();
        var values = await cluster.WriteAsync("values.yaml", cluster.Values);

        (await cluster.HelmAsync("install", Helm.Release, Helm.Chart, "--create-namespace", "-f", values)).Should().Contain("STATUS: deployed").And.NotContain("KEDA is not there");
        await cluster.GiveTokensAsync();
        await cluster.KubectlAsync("rollout", "status", "deployment/k8squeue-operator", "--timeout=300s");
        await cluster.KubectlAsync("rollout", "status", "deployment/k8squeue-api", "--timeout=300s");

        (await cluster.HelmAsync("test", Helm.Release)).Should().Contain("Phase:").And.Contain("Succeeded");

        // Pools come by an upgrade: their definition is there by now.
        var pools = await cluster.WriteAsync("pools.yaml", Pools(cluster.RedisAddress));
        var key = await KeyAsync(cluster);
        using var http = new HttpClient { BaseAddress = new Uri(cluster.ApiUrl), DefaultRequestHeaders = { { "X-Api-Key", key } } };
        await cluster.HelmAsync("upgrade", Helm.Release, Helm.Chart, "-f", values, "-f", pools);
        var enqueueing = EnqueueAsync(http);
        // Every operator is replaced while jobs come in and run.
        await cluster.HelmAsync("upgrade", Helm.Release, Helm.Chart, "-f", values, "-f", pools, "--set", "operator.podAnnotations.upgraded=yes");
        await cluster.KubectlAsync("rollout", "status", "deployment/k8squeue-operator", "--timeout=300s");
        await enqueueing;

        await Eventually.IsTrue(async () => (await QueueAsync(http)).NumberAt("totals", "completed") == Jobs, Patience, "every job is done");
        var queue = await QueueAsync(http);
        (queue.NumberAt("deadLetters"), queue.NumberAt("demand")).Should().Be((0L, 0L));
        await ShouldShowThePoolAsync(http);
        (await KeyAsync(cluster)).Should().Be(key, "an upgrade keeps the key that was made");

        await cluster.HelmAsync("uninstall", Helm.Release);

        (await cluster.KubectlAsync("get", "crd", "-o", "name")).Should().Contain("workerpools.k8squeue.io").And.Contain("connectionbudgets.k8squeue.io");
        (await cluster.KubectlAsync("get", "workerpool", "emails", "-o", "jsonpath={.metadata.deletionTimestamp}")).Should().BeEmpty();
        (await cluster.KubectlAsync("get", "deployments", "-o", "name")).Should().NotContain("k8squeue-operator").And.NotContain("k8squeue-api")
            .And.Contain("emails-", "the pool's workers run on");
        (await cluster.KubectlAsync("get", "clusterroles,validatingadmissionpolicies", "-o", "name")).Should().NotContain("k8squeue");
    }

    private static async Task EnqueueAsync(HttpClient http)
    {
        for (var i = 0; i < Jobs; i++)
        {
            var body = new JsonObject { ["type"] = "text", ["payload"] = i.ToString(CultureInfo.InvariantCulture) };
            using var response = await http.PostAsJsonAsync(new Uri("v1/queues/emails/jobs", UriKind.Relative), body);
            response.EnsureSuccessStatusCode();
        }
    }

    // By the rights that the chart gives the API.
    private static Task ShouldShowThePoolAsync(HttpClient http) => Eventually.Passes(
        async () =>
        {
            var pool = await ReadAsync(http, $"v1/pools/{InstallationCluster.Namespace}/emails");
            pool["observed"]!.GetValue<bool>().Should().BeTrue();
            var running = (int)pool.NumberAt("replicas", "running")!;
            running.Should().BePositive();
            var pods = (await ReadAsync(http, $"v1/pools/{InstallationCluster.Namespace}/emails/pods"))["pods"]!.AsArray();
            pods.Count(pod => (string?)pod!["state"] == "ready").Should().Be(running);
            (await ReadAsync(http, "v1/budgets"))["budgets"]!.AsArray().Should().BeEmpty();
        },
        Patience);

    private static async Task<JsonNode> ReadAsync(HttpClient http, string path) => JsonNode.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative)))!;

    private static async Task<JsonNode> QueueAsync(HttpClient http) =>
        JsonNode.Parse(await http.GetStringAsync(new Uri("v1/queues/emails", UriKind.Relative)))!;

    private static async Task<string> KeyAsync(InstallationCluster cluster) => Encoding.UTF8.GetString(
        Convert.FromBase64String(await cluster.KubectlAsync("get", "secret", "k8squeue-api-keys", "-o", "jsonpath={.data.key}")));

    private static string Pools(string redis) => $$$$"""
        workerPools:
          emails:
            spec:
              queues: [{name: emails, jobsPerReplica: 10, k8squeue: {redis: {address: "{{{{redis}}}}"}}}]
              scaling: {minReplicas: 0, maxReplicas: 3, pollingIntervalSeconds: 1, cooldownSeconds: 600}
              template:
                spec:
                  containers:
                  - name: worker
                    image: ghcr.io/k8squeue/worker:0.1.0-alpha
                    env:
                    - {name: K8SQUEUE_HANDLERS, value: '{"text": {"exec": {"command": ["cat"]}}}'}
        """;
}
