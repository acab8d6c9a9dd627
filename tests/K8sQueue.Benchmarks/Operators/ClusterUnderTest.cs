using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Operator;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>The API server, with hollow pods and a stand-in for KEDA, in a process of its own; and the Redis that KEDA asks.</summary>
internal sealed class ClusterUnderTest : IAsyncDisposable
{
    public const string RedisPassword = "bench";

    private readonly DirectoryInfo _folder;
    private readonly ChildProgram _server;
    private readonly RedisServer _redis;

    private ClusterUnderTest(DirectoryInfo folder, ChildProgram server, RedisServer redis, KubernetesClient client)
    {
        _folder = folder;
        _server = server;
        _redis = redis;
        Client = client;
    }

    public KubernetesClient Client { get; }

    public string Folder => _folder.FullName;

    public string Kubeconfig => Path.Combine(Folder, "kubeconfig");

    public string AuditLog => Path.Combine(Folder, "audit.log");

    public string RedisAddress => _redis.Address;

    public ProcessMemory ServerMemory => _server.Memory;

    /// <inheritdoc cref="ChildProgram.Cpu"/>
    public TimeSpan ServerCpu => _server.Cpu;

    public static async Task<ClusterUnderTest> StartAsync(OperatorBenchmarkOptions options)
    {
        var folder = Directory.CreateTempSubdirectory("k8squeue-bench-operator-");
        var redis = await RedisServer.StartAsync("--requirepass", RedisPassword, "--maxclients", "20000");
        var kubeconfig = Path.Combine(folder.FullName, "kubeconfig");
        var server = ChildProgram.Start(
            Path.Combine(folder.FullName, "localcluster.log"),
            new Dictionary<string, string>(),
            "dotnet", options.LocalCluster.FullName, "--data", folder.FullName, "--kubeconfig", kubeconfig, "--crds", options.Definitions.FullName,
            "--hollow-pods", "--audit-log", Path.Combine(folder.FullName, "audit.log"));
        await Eventually.IsTrue(
            () =>
            {
                server.ThrowIfEnded();
                return File.Exists(kubeconfig);
            },
            TimeSpan.FromSeconds(60));
        var clientOptions = new KubernetesClientOptions { Configuration = KubeConfig.Load([kubeconfig]), UserAgent = "bench" };
        clientOptions.JsonContexts.Add(OperatorJsonContext.Default);
        return new ClusterUnderTest(folder, server, redis, new KubernetesClient(clientOptions));
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
        await _redis.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
