using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Hosting;
using K8sQueue.LocalCluster.Http;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>LocalCluster in this process, or a cluster that is there; kubectl and helm reach it. LocalCluster runs no pods here.</summary>
public sealed class ChartCluster : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-chart-").FullName;
    private readonly string? _kubeconfig;
    private LocalClusterServer? _server;

    public ChartCluster() => Environment = new() { ["KUBECONFIG"] = Path.Combine(_directory, "kubeconfig"), ["HOME"] = _directory };

    /// <summary>A cluster that is there. Its users may log in by programs that keep files in their home.</summary>
    internal ChartCluster(string kubeconfig) => (_kubeconfig, Environment) = (kubeconfig, new() { ["KUBECONFIG"] = kubeconfig });

    private Dictionary<string, string> Environment { get; }

    public async Task InitializeAsync()
    {
        if (_kubeconfig is not null)
            return;
        _server = LocalClusterServer.Build(new ApiServerOptions { DataDirectory = Path.Combine(_directory, "data") });
        await _server.StartAsync();
        _server.WriteKubeconfig(Environment["KUBECONFIG"]);
        await ApplyAsync(PodMonitorDefinition.Yaml);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>What kubectl says; fails where it fails.</summary>
    public async Task<string> KubectlAsync(params string[] arguments) => (await RunKubectlAsync(arguments)).Succeeded();

    /// <summary>Applies YAML as strictly as the server can check it.</summary>
    public async Task ApplyAsync(string yaml, params string[] arguments)
    {
        var file = Path.Combine(_directory, Path.GetRandomFileName() + ".yaml");
        await File.WriteAllTextAsync(file, yaml);
        await KubectlAsync(["apply", "--server-side", "--force-conflicts", "--validate=strict", "-f", file, .. arguments]);
    }

    public async Task EnsureNamespacesAsync(params string[] names)
    {
        foreach (var name in names)
            await ApplyAsync($"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
    }

    internal Task<Command> RunKubectlAsync(params string[] arguments) => Command.RunAsync("kubectl", arguments, Environment);

    internal Task<Command> HelmAsync(params string[] arguments) => Helm.RunAsync(Environment, arguments);

    /// <summary>helm, as a ServiceAccount.</summary>
    internal async Task<Command> HelmAsAsync(string @namespace, string account, params string[] arguments)
    {
        var config = JsonNode.Parse(await KubectlAsync("config", "view", "--raw", "--minify", "--flatten", "-o", "json"))!;
        config["users"]![0]!["user"] = new JsonObject { ["token"] = (await KubectlAsync("create", "token", account, "-n", @namespace)).Trim() };
        var file = Path.Combine(_directory, $"{account}.kubeconfig");
        await File.WriteAllTextAsync(file, config.ToJsonString());
        return await Helm.RunAsync(new Dictionary<string, string>(Environment) { ["KUBECONFIG"] = file }, arguments);
    }
}
