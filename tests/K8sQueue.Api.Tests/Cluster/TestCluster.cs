using System.Diagnostics;
using K8sQueue.Testing;

namespace K8sQueue.Api.Tests.Cluster;

/// <summary>
/// LocalCluster with pools, budgets and pods as the operator would have left them. Its pods run nothing. Tests only read these; an operator that is
/// started for one works in another namespace.
/// </summary>
public sealed class TestCluster : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly string _directory = Directory.CreateDirectory(
        Path.Combine(RepositoryFolder.Root, "artifacts", "api-tests", Path.GetRandomFileName())).FullName;

    private ChildProgram? _program;

    public string Kubeconfig => Path.Combine(_directory, "kubeconfig");

    internal ChildProgram Program => _program!;

    public async Task InitializeAsync()
    {
        _program = ChildProgram.Start(
            Path.Combine(_directory, "cluster.log"), new Dictionary<string, string>(), "dotnet", Find("tests", "K8sQueue.LocalCluster"),
            "--data", Path.Combine(_directory, "data"), "--kubeconfig", Kubeconfig, "--crds", Path.Combine(RepositoryFolder.Root, "crds"),
            "--hpa-sync-seconds", "1", "--hollow-pods");
        await Eventually.IsTrue(
            () =>
            {
                _program.ThrowIfEnded();
                return File.Exists(Kubeconfig);
            },
            Patience,
            "LocalCluster is ready");
        await ApplyAsync(TestObjects.Yaml);
        foreach (var (kind, name, @namespace, status) in TestObjects.Statuses)
            await KubectlAsync("patch", kind, name, "-n", @namespace, "--subresource=status", "--type=merge", "-p", status);
        await KubectlAsync("wait", "pod/emails-6b7f-aaaaa", "-n", "shop", "--for=condition=Ready", "--timeout=180s");
    }

    public async Task DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
    }

    /// <summary>An API over it whose clock stands still: however late the cluster answers, that is in time.</summary>
    internal TestApi Timeless(params ReadOnlySpan<(string Name, string? Value)> settings) =>
        new([("KUBECONFIG", Kubeconfig), .. settings]) { Time = new ManualTimeProvider(TimeProvider.System.GetUtcNow()) };

    public async Task<string> KubectlAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("kubectl", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["KUBECONFIG"] = Kubeconfig;
        start.Environment["HOME"] = _directory;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(0, $"kubectl {string.Join(' ', arguments)}\n{output}{await error}");
        return output;
    }

    public async Task ApplyAsync(string yaml)
    {
        var file = Path.Combine(_directory, Path.GetRandomFileName());
        await File.WriteAllTextAsync(file, yaml);
        await KubectlAsync("apply", "--server-side", "-f", file);
    }

    /// <summary>Starts the operator, for the pools of one namespace; it ends as it is disposed.</summary>
    internal ChildProgram StartOperator(string @namespace) => ChildProgram.Start(
        Path.Combine(_directory, "operator.log"),
        new Dictionary<string, string>
        {
            ["KUBECONFIG"] = Kubeconfig,
            ["K8SQUEUE_WATCH_NAMESPACES"] = @namespace,
            ["K8SQUEUE_LEADER_ELECTION"] = "false",
            ["K8SQUEUE_OPERATOR_ADDRESS"] = $"http://127.0.0.1:{FreePort.Next()}",
        },
        "dotnet",
        Find("operator", "K8sQueue.Operator"));

    // bin/<configuration>/net10.0/
    private static string Find(string folder, string project) => Path.Combine(
        RepositoryFolder.Root, folder, project, "bin", new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/')).Parent!.Name, "net10.0", $"{project}.dll");
}
