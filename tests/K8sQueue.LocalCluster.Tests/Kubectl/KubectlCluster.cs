using System.Diagnostics;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Hosting;
using K8sQueue.LocalCluster.Http;

namespace K8sQueue.LocalCluster.Tests.Kubectl;

/// <summary>A server in this process, and the real kubectl against it. Nothing runs pods here.</summary>
public sealed class KubectlCluster : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-kubectl-").FullName;
    private LocalClusterServer? _server;
    private int _namespaces;

    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    public string DataDirectory => Path.Combine(_directory, "data");

    public IClusterApi Api => _server!.Api;

    public async Task InitializeAsync()
    {
        _server = LocalClusterServer.Build(new ApiServerOptions { DataDirectory = DataDirectory });
        await _server.StartAsync();
        _server.WriteKubeconfig(Kubeconfig);
        await OkAsync("default", "apply", "-f", Write(Manifests.WidgetDefinition));
    }

    public async Task DisposeAsync()
    {
        await _server!.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    public async Task<string> NewNamespaceAsync()
    {
        var name = $"test-{Interlocked.Increment(ref _namespaces)}";
        await OkAsync("default", "create", "namespace", name);
        return name;
    }

    /// <summary>A file with the text.</summary>
    public string Write(string text)
    {
        var file = Path.Combine(_directory, Path.GetRandomFileName() + ".yaml");
        File.WriteAllText(file, text);
        return file;
    }

    /// <summary>What kubectl prints; fails where it fails.</summary>
    public async Task<string> OkAsync(string @namespace, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(@namespace, arguments);
        code.Should().Be(0, "kubectl {0} said: {1}{2}", string.Join(' ', arguments), output, error);
        return output;
    }

    /// <summary>What kubectl complains of; fails where it succeeds.</summary>
    public async Task<string> FailAsync(string @namespace, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(@namespace, arguments);
        code.Should().NotBe(0, "kubectl {0} said: {1}", string.Join(' ', arguments), output);
        return error;
    }

    public async Task<(int Code, string Output, string Error)> RunAsync(string @namespace, params string[] arguments)
    {
        using var process = Start(@namespace, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await error);
    }

    public Process Start(string @namespace, params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = Kubeconfig;
        start.Environment["HOME"] = _directory;
        foreach (var argument in (string[])["-n", @namespace, .. arguments])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
