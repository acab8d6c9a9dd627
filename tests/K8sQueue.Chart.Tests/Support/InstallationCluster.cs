using System.Text.Json.Nodes;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>
/// LocalCluster with pods and KEDA's stand-in, and the chart's images as the programs of this repository. What it can't do of a real
/// cluster: it has no network of pods (so the API gets a port of this machine) and mounts no ServiceAccount token (so operator and API get
/// kubeconfigs of their ServiceAccounts).
/// </summary>
internal sealed class InstallationCluster : IAsyncDisposable
{
    public const string Namespace = "k8squeue-system";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _directory = Directory.CreateDirectory(
        Path.Combine(RepositoryFolder.Root, "artifacts", "chart-tests", Path.GetRandomFileName())).FullName;

    private readonly ChildProgram _cluster;
    private readonly RedisServer _redis;

    private InstallationCluster(RedisServer redis)
    {
        _redis = redis;
        ApiUrl = $"http://127.0.0.1:{FreePort.Next()}";
        _cluster = ChildProgram.Start(
            Path.Combine(_directory, "cluster.log"),
            new Dictionary<string, string>(),
            "dotnet", Programs.LocalCluster, "--data", Path.Combine(_directory, "cluster"), "--kubeconfig", Kubeconfig, "--hpa-sync-seconds", "1",
            "--image", $"ghcr.io/k8squeue/operator=dotnet {Programs.Operator}",
            "--image", $"ghcr.io/k8squeue/api=dotnet {Programs.Api}",
            "--image", $"ghcr.io/k8squeue/worker={string.Join(' ', Programs.Worker)}");
    }

    public string ApiUrl { get; }

    public string RedisAddress => _redis.Address;

    /// <summary>Values that stand for what this cluster lacks.</summary>
    public string Values => $$$$"""
        operator:
          extraEnv:
          - {name: KUBECONFIG, value: {{{{OperatorKubeconfig}}}}}
          - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
          - {name: K8SQUEUE_OPERATOR_ADDRESS, value: "http://$(POD_IP):8080"}
        api:
          enabled: true
          replicas: 1
          redis: {address: "{{{{_redis.Address}}}}"}
          extraEnv:
          - {name: KUBECONFIG, value: {{{{ApiKubeconfig}}}}}
          - {name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
          - {name: ASPNETCORE_URLS, value: "http://$(POD_IP):8080;{{{{ApiUrl}}}}"}
        test: {apiUrl: "{{{{ApiUrl}}}}"}
        """;

    private string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    private string OperatorKubeconfig => Path.Combine(_directory, "operator-kubeconfig");

    private string ApiKubeconfig => Path.Combine(_directory, "api-kubeconfig");

    private Dictionary<string, string> Environment => new() { ["KUBECONFIG"] = Kubeconfig, ["HOME"] = _directory };

    public static async Task<InstallationCluster> StartAsync()
    {
        var cluster = new InstallationCluster(await RedisServer.StartAsync());
        await Eventually.IsTrue(
            async () =>
            {
                cluster._cluster.ThrowIfEnded();
                return (await cluster.RunKubectlAsync("get", "namespaces")).ExitCode == 0;
            },
            Patience,
            "LocalCluster answers");
        return cluster;
    }

    public async Task<string> HelmAsync(params string[] arguments) => (await Helm.RunAsync(Environment, [.. arguments, "-n", Namespace])).Succeeded();

    public async Task<string> KubectlAsync(params string[] arguments) => (await RunKubectlAsync(arguments)).Succeeded();

    public Task<Command> RunKubectlAsync(params string[] arguments) => Command.RunAsync("kubectl", ["-n", Namespace, .. arguments], Environment);

    public async Task<string> WriteAsync(string name, string text)
    {
        var file = Path.Combine(_directory, name);
        await File.WriteAllTextAsync(file, text);
        return file;
    }

    /// <summary>What a kubelet would mount: the programs' tokens.</summary>
    public async Task GiveTokensAsync()
    {
        await GiveTokenAsync("k8squeue-operator", OperatorKubeconfig);
        await GiveTokenAsync("k8squeue-api", ApiKubeconfig);
    }

    private async Task GiveTokenAsync(string account, string kubeconfig)
    {
        var token = (await KubectlAsync("create", "token", account)).Trim();
        var config = JsonNode.Parse(await KubectlAsync("config", "view", "--raw", "--minify", "--flatten", "-o", "json"))!;
        config["users"]![0]!["user"] = new JsonObject { ["token"] = token };
        await File.WriteAllTextAsync(kubeconfig, config.ToJsonString());
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        await _redis.DisposeAsync();
    }
}
