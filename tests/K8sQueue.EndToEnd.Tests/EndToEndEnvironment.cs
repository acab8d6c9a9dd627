using K8sQueue.EndToEnd.Tests.Operators;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Quickstart;
using K8sQueue.Quickstart.Processes;
using K8sQueue.Quickstart.Run;
using K8sQueue.Quickstart.Stack;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>
/// What every test of the suite stands on: a cluster behind a kubeconfig, a Redis that its pods reach, the operator and the API. Which
/// cluster it is, only the environment says; no test can tell.
/// </summary>
/// <remarks>
/// <c>K8SQUEUE_E2E_KUBECONFIG</c>: the cluster, KEDA installed (default: LocalCluster is started).
/// <c>K8SQUEUE_E2E_OPERATOR</c>: <c>installed</c> tests what the chart installed in that cluster (default: a process of this machine).
/// <c>K8SQUEUE_E2E_HOST_ADDRESS</c>: where pods reach this machine (default 127.0.0.1).
/// <c>K8SQUEUE_E2E_WORKER_IMAGE</c>: the worker's image (default ghcr.io/k8squeue/worker:0.1.0-alpha).
/// <c>K8SQUEUE_E2E_DATABASE_WORKER_IMAGE</c>: that of samples/K8sQueue.DatabaseWorker (default ghcr.io/k8squeue/database-worker:0.1.0-alpha).
/// <c>K8SQUEUE_E2E_AUDIT_LOG</c>: the cluster's audit log (default LocalCluster's).
/// </remarks>
public sealed class EndToEndEnvironment : IAsyncLifetime
{
    private readonly string _directory = NewDirectory();

    public static string HostAddress { get; } = Variable("K8SQUEUE_E2E_HOST_ADDRESS") ?? "127.0.0.1";

    public static string WorkerImage { get; } = Variable("K8SQUEUE_E2E_WORKER_IMAGE") ?? "ghcr.io/k8squeue/worker:0.1.0-alpha";

    public static string DatabaseWorkerImage { get; } = Variable("K8SQUEUE_E2E_DATABASE_WORKER_IMAGE") ?? "ghcr.io/k8squeue/database-worker:0.1.0-alpha";

    public string AuditLog => Variable("K8SQUEUE_E2E_AUDIT_LOG") ?? Stack.AuditLog;

    public LocalStack Stack { get; private set; } = null!;

    public IOperatorUnderTest Operator { get; private set; } = null!;

    public IKubernetesClient Kubernetes => _client;

    public QueueApi Api { get; private set; } = null!;

    public WorkEndpoint Endpoint { get; private set; } = null!;

    public string EndpointUrl { get; private set; } = "";

    private KubernetesClient _client = null!;

    public async Task InitializeAsync()
    {
        var kubeconfig = Variable("K8SQUEUE_E2E_KUBECONFIG");
        var installed = IsInstalled(kubeconfig);
        if (kubeconfig is not null && !installed)
        {
            var crds = Path.Combine(RepositoryLayout.Root, "crds");
            await new Kubectl(kubeconfig).RunAsync(["apply", "--server-side", "--force-conflicts", "-f", crds]);
        }

        Stack = await LocalStack.StartAsync(
            new StackOptions
            {
                Directory = _directory,
                Kubeconfig = kubeconfig,
                RunsOperator = !installed,
                HostAddress = HostAddress,
                RedisPort = FreePort.Next(),
                ApiPort = FreePort.Next(),
                ClusterPort = FreePort.Next(),
                OperatorPort = FreePort.Next(),
                PushPort = FreePort.Next(),
                StartLimit = TestNamespace.Patience,
                Worker = WorkerExecutable.Command(RepositoryLayout.Program("worker/K8sQueue.Worker")),
                Images = new Dictionary<string, string> { [DatabaseWorkerImage] = "samples/K8sQueue.DatabaseWorker" },
            },
            CancellationToken.None);
        Operator = installed ? await InstalledOperator.FindAsync(Stack.Kubeconfig) : new OperatorOfTheStack(Stack);
        _client = Stack.CreateClient();
        Api = new QueueApi(Stack.ApiUrl, Stack.ApiKey);
        var port = FreePort.Next();
        Endpoint = await WorkEndpoint.StartAsync(port, HostAddress);
        EndpointUrl = $"http://{HostAddress}:{port}/work";
    }

    public async Task DisposeAsync()
    {
        Api?.Dispose();
        _client?.Dispose();
        if (Endpoint is not null)
            await Endpoint.DisposeAsync();
        if (Stack is not null)
            await Stack.DisposeAsync();
    }

    /// <summary>A new folder under artifacts, where the logs stay to be read.</summary>
    public static string NewDirectory() =>
        Directory.CreateDirectory(Path.Combine(RepositoryLayout.Root, "artifacts", "e2e", Guid.NewGuid().ToString("N")[..8])).FullName;

    private static bool IsInstalled(string? kubeconfig) => Variable("K8SQUEUE_E2E_OPERATOR") switch
    {
        null => false,
        "installed" when kubeconfig is not null => true,
        "installed" => throw new InvalidOperationException("K8SQUEUE_E2E_OPERATOR=installed needs K8SQUEUE_E2E_KUBECONFIG, the cluster that it is installed in."),
        var other => throw new InvalidOperationException($"K8SQUEUE_E2E_OPERATOR may be 'installed', not '{other}'."),
    };

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>One environment for the whole suite; its tests run one after another.</summary>
[CollectionDefinition(Name)]
public sealed class EndToEndGroup : ICollectionFixture<EndToEndEnvironment>
{
    public const string Name = "End to end";

    /// <summary>Tests with a cluster of their own, one after another beside the group: they mostly wait, and keep it from no thread.</summary>
    public const string OwnClusters = "Clusters of their own";
}
