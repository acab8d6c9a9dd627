using K8sQueue.LocalCluster.Hosting;
using K8sQueue.LocalCluster.Http;

namespace K8sQueue.Chart.Tests.Support;

/// <summary>LocalCluster in this process; kubectl and helm reach it. It runs no pods.</summary>
public sealed class ChartCluster : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-chart-").FullName;
    private LocalClusterServer? _server;

    private Dictionary<string, string> Environment => new() { ["KUBECONFIG"] = Path.Combine(_directory, "kubeconfig"), ["HOME"] = _directory };

    public async Task InitializeAsync()
    {
        _server = LocalClusterServer.Build(new ApiServerOptions { DataDirectory = Path.Combine(_directory, "data") });
        await _server.StartAsync();
        _server.WriteKubeconfig(Environment["KUBECONFIG"]);
        await ApplyAsync(PodMonitorDefinition.Yaml);
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>What kubectl says; fails where it fails.</summary>
    public async Task<string> KubectlAsync(params string[] arguments) => (await RunKubectlAsync(arguments)).Succeeded();

    /// <summary>Applies YAML as strictly as the server can check it.</summary>
    public async Task ApplyAsync(string yaml)
    {
        var file = Path.Combine(_directory, Path.GetRandomFileName() + ".yaml");
        await File.WriteAllTextAsync(file, yaml);
        await KubectlAsync("apply", "--server-side", "--force-conflicts", "--validate=strict", "-f", file);
    }

    public async Task EnsureNamespacesAsync(params string[] names)
    {
        foreach (var name in names)
            await ApplyAsync($"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}}}\n");
    }

    internal Task<Command> RunKubectlAsync(params string[] arguments) => Command.RunAsync("kubectl", arguments, Environment);

    internal Task<Command> HelmAsync(params string[] arguments) => Helm.RunAsync(Environment, arguments);
}
