using System.Globalization;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Operator.Entities;
using K8sQueue.Quickstart.Processes;
using K8sQueue.Quickstart.Run;
using K8sQueue.Quickstart.Stack;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>
/// An operator with a Role in some namespaces and no ClusterRole. It is always over a stand-in of the test's own: nobody takes the operator's
/// rights away on a shared cluster.
/// </summary>
[Collection(EndToEndGroup.OwnClusters)]
public sealed class NamespacedModeTests
{
    [Fact]
    public async Task Pools_of_the_watched_namespaces_work_and_nothing_else_is_asked_for_or_touched()
    {
        string[] watched = ["one", "two"];
        await using var world = await World.StartAsync(watched);
        var before = world.Audit().Count;
        await world.StartOperatorAsync(watched);

        foreach (var name in (string[])[.. watched, "elsewhere"])
            await world.ApplyPoolAsync(name);
        foreach (var name in watched)
            await world.RunJobsAsync(name);

        var entries = world.Audit().Skip(before).ToList();
        entries.Where(entry => entry.Code is 401 or 403).Select(entry => $"{entry.Right} in {entry.Namespace}").Should().BeEmpty();
        entries.Where(entry => entry.Namespace is null).Select(entry => entry.Right).Should().BeEmpty("nothing is asked at the scope of the cluster");
        entries.Select(entry => entry.Namespace).Distinct().Should().BeEquivalentTo([.. watched, "k8squeue-system"]);
        (await world.PoolAsync("elsewhere")).Should().Match<V1Alpha1WorkerPool>(pool => pool.Status == null && pool.Metadata.Finalizers == null);
    }

    [Fact]
    public async Task Without_the_right_to_ScaledObjects_a_pool_says_which_is_missing_and_heals_when_it_is_there()
    {
        await using var world = await World.StartAsync(["one"]);
        await world.Kubectl("one").RunAsync(["patch", "role", "k8squeue-operator", "--type=json", "-p", await RemovalOfKedaAsync(world)]);
        await world.StartOperatorAsync(["one"]);
        await world.ApplyPoolAsync("one");

        await world.WaitForReasonAsync("one", "KedaForbidden");
        (await world.Kubectl("one").RunAsync(["describe", "workerpool", "quickstart"]))
            .Should().Contain("cannot list resource \"scaledobjects\" in API group \"keda.sh\"");

        await world.Kubectl("one").RunAsync(["apply", "-f", World.Role]);
        await world.WaitForReasonAsync("one", "ScaledObjectReady");
    }

    private static async Task<string> RemovalOfKedaAsync(World world)
    {
        var groups = await world.Kubectl("one").RunAsync(["get", "role", "k8squeue-operator", "-o", "jsonpath={range .rules[*]}{.apiGroups[0]}{\"\\n\"}{end}"]);
        var index = Array.IndexOf(groups.Split('\n'), "keda.sh");
        return string.Create(CultureInfo.InvariantCulture, $$"""[{"op": "remove", "path": "/rules/{{index}}"}]""");
    }

    /// <summary>A stack whose operator has ended, with the rights of docs/how-to/install-rights.md in the namespaces given.</summary>
    private sealed class World : IAsyncDisposable
    {
        public static readonly string Role = Path.Combine(RepositoryLayout.Root, "deploy", "operator", "namespaced", "20-role.yaml");

        private readonly string _directory = EndToEndEnvironment.NewDirectory();
        private readonly ProcessSupervisor _processes;
        private LocalStack _stack = null!;
        private KubernetesClient _client = null!;
        private QueueApi _api = null!;

        private World() => _processes = new ProcessSupervisor(Path.Combine(_directory, "logs"));

        public static async Task<World> StartAsync(IReadOnlyList<string> watched)
        {
            var world = new World();
            world._stack = await LocalStack.StartAsync(
                new StackOptions
                {
                    Directory = world._directory,
                    RedisPort = FreePort.Next(),
                    ApiPort = FreePort.Next(),
                    ClusterPort = FreePort.Next(),
                    OperatorPort = FreePort.Next(),
                    StartLimit = TestNamespace.Patience,
                },
                CancellationToken.None);
            world._client = world._stack.CreateClient();
            world._api = new QueueApi(world._stack.ApiUrl, world._stack.ApiKey);
            await world._stack.KillOperatorAsync();
            await world._stack.Kubectl.RunAsync(["delete", "clusterrolebinding", "k8squeue-operator", "k8squeue-operator-node-reader"]);
            foreach (var name in (string[])[.. watched, "elsewhere"])
            {
                await world._stack.Kubectl.RunAsync(["create", "namespace", name]);
                if (watched.Contains(name))
                    await world.Kubectl(name).RunAsync(["apply", "-f", Role]);
            }

            return world;
        }

        public Kubectl Kubectl(string @namespace) => new(_stack.Kubeconfig, @namespace);

        public IReadOnlyList<AuditEntry> Audit() => [.. AuditEntry.Read(_stack.AuditLog).Where(entry => entry.User == OperatorRightsTests.Operator)];

        public async Task StartOperatorAsync(IReadOnlyList<string> watched)
        {
            var address = $"http://127.0.0.1:{FreePort.Next()}";
            await _processes.StartAsync(
                "namespaced-operator",
                ["dotnet", RepositoryLayout.Program("operator/K8sQueue.Operator")],
                new Dictionary<string, string>
                {
                    ["KUBECONFIG"] = Path.Combine(_directory, "operator-kubeconfig"),
                    ["K8SQUEUE_OPERATOR_NAMESPACE"] = "k8squeue-system",
                    ["K8SQUEUE_OPERATOR_ADDRESS"] = address,
                    ["K8SQUEUE_WATCH_NAMESPACES"] = string.Join(',', watched),
                },
                LocalStack.RestartsOperatorAfter);
            using var http = new HttpClient();
            await Eventually.Passes(async () => (await http.GetAsync(new Uri($"{address}/readyz"))).EnsureSuccessStatusCode(), TestNamespace.Patience);
        }

        public async Task ApplyPoolAsync(string @namespace)
        {
            await Kubectl(@namespace).RunAsync(["create", "secret", "generic", "queue-redis", $"--from-literal=password={_stack.RedisPassword}"]);
            var sample = await File.ReadAllTextAsync(Path.Combine(RepositoryLayout.Root, "samples", "quickstart.yaml"));
            await Kubectl(@namespace).ApplyAsync(sample
                .Replace("127.0.0.1:21379", _stack.RedisAddress, StringComparison.Ordinal)
                .Replace("- name: quickstart\n    jobsPerReplica: 100", $"- name: quickstart-{@namespace}\n    jobsPerReplica: 2", StringComparison.Ordinal));
        }

        /// <summary>From zero to some, and back to zero when they are done.</summary>
        public async Task RunJobsAsync(string @namespace)
        {
            await WaitForReasonAsync(@namespace, "ScaledObjectReady");
            var queue = $"quickstart-{@namespace}";
            for (var i = 0; i < 6; i++)
                await _api.EnqueueAsync(queue, QuickstartJobs.ExecType, "text", CancellationToken.None);
            await Eventually.IsTrue(async () => (await PoolAsync(@namespace)).Status is { Replicas: > 0 }, TestNamespace.Patience, "the pool grows");
            await Eventually.IsTrue(async () => (await _api.GetFiguresAsync(queue, CancellationToken.None)).Completed == 6, TestNamespace.Patience, "the jobs are done");
            await Eventually.IsTrue(
                async () => (await PoolAsync(@namespace)).Status is { Replicas: 0, DrainingReplicas: 0, DesiredReplicas: 0 }, TestNamespace.Patience, "the pool goes back to zero");
        }

        public Task WaitForReasonAsync(string @namespace, string reason) => Eventually.IsTrue(
            async () => (await PoolAsync(@namespace)).Status?.Conditions?.Find(c => c.Type == "ScalingReady")?.Reason == reason, TestNamespace.Patience, reason);

        public async Task<V1Alpha1WorkerPool> PoolAsync(string @namespace) =>
            await _client.GetAsync<V1Alpha1WorkerPool>("quickstart", @namespace, CancellationToken.None)
            ?? throw new InvalidOperationException("There is no pool.");

        public async ValueTask DisposeAsync()
        {
            _api?.Dispose();
            _client?.Dispose();
            await _processes.DisposeAsync();
            if (_stack is not null)
                await _stack.DisposeAsync();
        }
    }
}
