using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.LeaderElection;
using K8sQueue.Operator;
using K8sQueue.Quickstart.Processes;

namespace K8sQueue.Quickstart.Stack;

/// <summary>redis-server, a cluster, the operator and the API as processes of this machine; all of them end with it.</summary>
public sealed class LocalStack : IAsyncDisposable
{
    /// <summary>A lost lease, and the SIGKILL that it comes to where the exit hangs: this machine was too busy, or asleep.</summary>
    public static readonly IReadOnlyList<int> RestartsOperatorAfter = [LeaderElectionOptions.LostExitCode, 128 + 9];

    private readonly StackOptions _options;
    private readonly ProcessSupervisor _processes;
    private readonly string _operatorKubeconfig;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private LocalStack(StackOptions options)
    {
        _options = options;
        _processes = new ProcessSupervisor(Path.Combine(options.Directory, "logs"));
        RedisPassword = Secret();
        ApiKey = Secret();
        Kubeconfig = options.Kubeconfig ?? Path.Combine(options.Directory, "kubeconfig");
        Kubectl = new Kubectl(Kubeconfig);
        _operatorKubeconfig = Path.Combine(options.Directory, "operator-kubeconfig");
    }

    public string Kubeconfig { get; }

    public Kubectl Kubectl { get; }

    /// <summary><c>host:port</c>, as pods reach it.</summary>
    public string RedisAddress => $"{_options.HostAddress}:{_options.RedisPort}";

    public int RedisPort => _options.RedisPort;

    public string RedisPassword { get; }

    /// <summary>What was asked of the stand-in cluster, as audit events.</summary>
    public string AuditLog => Path.Combine(_options.Directory, "audit.log");

    public Uri ApiUrl => new($"http://127.0.0.1:{_options.ApiPort}");

    public string ApiKey { get; }

    public ManagedProcess? Operator { get; private set; }

    /// <summary>Starts everything and waits until each part says that it is ready.</summary>
    /// <exception cref="QuickstartException">A port is taken, or a part did not become ready.</exception>
    public static async Task<LocalStack> StartAsync(StackOptions options, CancellationToken cancellationToken)
    {
        var stack = new LocalStack(options);
        try
        {
            await stack.StartRedisAsync(cancellationToken);
            if (options.Kubeconfig is null)
                await stack.StartClusterAsync(cancellationToken);
            if (options.RunsOperator)
            {
                await OperatorAccess.GrantAsync(stack.Kubeconfig, stack._operatorKubeconfig, cancellationToken);
                await stack.StartOperatorAsync(cancellationToken);
            }

            await stack.StartApiAsync(cancellationToken);
            return stack;
        }
        catch
        {
            await stack.DisposeAsync();
            throw;
        }
    }

    /// <summary>A client of the cluster that knows the operator's types.</summary>
    public KubernetesClient CreateClient()
    {
        var options = new KubernetesClientOptions { Configuration = KubeConfig.Load([Kubeconfig]), UserAgent = "k8squeue-quickstart" };
        options.JsonContexts.Add(OperatorJsonContext.Default);
        return new KubernetesClient(options);
    }

    /// <exception cref="QuickstartException">A part has ended by itself.</exception>
    public void ThrowIfAnyExited() => _processes.ThrowIfAnyExited();

    /// <summary>Starts the operator (again).</summary>
    public async Task StartOperatorAsync(CancellationToken cancellationToken)
    {
        EnsureFree(_options.OperatorPort);
        var environment = new Dictionary<string, string>
        {
            ["KUBECONFIG"] = _operatorKubeconfig,
            ["K8SQUEUE_OPERATOR_NAMESPACE"] = OperatorAccess.Namespace,
            ["K8SQUEUE_OPERATOR_ADDRESS"] = $"http://127.0.0.1:{_options.OperatorPort}",
        };
        if (_options.PushPort is { } push)
        {
            EnsureFree(push);
            environment["K8SQUEUE_PUSH_ADDRESS"] = environment["K8SQUEUE_PUSH_ADVERTISED_ADDRESS"] = $"{_options.HostAddress}:{push}";
        }

        Operator = await _processes.StartAsync("operator", ["dotnet", RepositoryLayout.Program("operator/K8sQueue.Operator")], environment, RestartsOperatorAfter);
        await WaitReadyAsync(new Uri($"http://127.0.0.1:{_options.OperatorPort}/readyz"), cancellationToken);
    }

    /// <summary>Ends the operator: SIGKILL, as a crash would.</summary>
    public async Task KillOperatorAsync()
    {
        Operator!.Kill();
        await _processes.RemoveAsync(Operator);
    }

    public async ValueTask DisposeAsync()
    {
        await _processes.DisposeAsync();
        _http.Dispose();
    }

    private static string Secret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));

    private static void EnsureFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
        }
        catch (SocketException e)
        {
            throw new QuickstartException($"Port {port} is taken on this machine. End what listens there (ss -ltnp 'sport = :{port}') and try again.", e);
        }
    }

    private async Task StartRedisAsync(CancellationToken cancellationToken)
    {
        EnsureFree(_options.RedisPort);
        var data = Directory.CreateDirectory(Path.Combine(_options.Directory, "redis")).FullName;
        var configuration = Path.Combine(data, "redis.conf");

        // In a file, not among the arguments: those are for everybody to read.
        await SecretFile.WriteAsync(
            configuration,
            string.Create(CultureInfo.InvariantCulture, $"""
                port {_options.RedisPort}
                bind {string.Join(' ', new[] { "127.0.0.1", _options.HostAddress }.Distinct())}
                requirepass {RedisPassword}
                maxmemory-policy noeviction
                appendonly yes
                appendfsync everysec
                save ""
                dir {data}

                """),
            cancellationToken);
        await _processes.StartAsync("redis", ["redis-server", configuration]);
        await WaitAsync(() => RedisClients.CountAsync(_options.RedisPort, RedisPassword, "", cancellationToken), cancellationToken);
    }

    private async Task StartClusterAsync(CancellationToken cancellationToken)
    {
        EnsureFree(_options.ClusterPort);
        await _processes.StartAsync(
            "cluster",
            [
                "dotnet", RepositoryLayout.Program("tests/K8sQueue.LocalCluster"),
                "--data", Path.Combine(_options.Directory, "cluster"),
                "--port", $"{_options.ClusterPort}",
                "--kubeconfig", Kubeconfig,
                "--crds", Path.Combine(RepositoryLayout.Root, "crds"),
                "--image", $"ghcr.io/k8squeue/worker={string.Join(' ', _options.Worker)}",
                .. _options.Images.SelectMany(image => new[] { "--image", $"{image.Key}=dotnet {RepositoryLayout.Program(image.Value)}" }),
                "--hpa-sync-seconds", "1",
                "--audit-log", AuditLog,
                $"--keda={(_options.Keda ? "true" : "false")}",
            ]);
        await WaitAsync(() => Kubectl.RunAsync(["get", "workerpools"], cancellationToken: cancellationToken), cancellationToken);
    }

    private async Task StartApiAsync(CancellationToken cancellationToken)
    {
        EnsureFree(_options.ApiPort);
        var keys = Path.Combine(_options.Directory, "api-keys");
        var hash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(ApiKey)));
        await SecretFile.WriteAsync(keys, $"quickstart:{hash}\n", cancellationToken);
        await _processes.StartAsync(
            "api",
            ["dotnet", RepositoryLayout.Program("api/K8sQueue.Api")],
            new Dictionary<string, string>
            {
                ["ASPNETCORE_URLS"] = ApiUrl.ToString(),
                ["K8SQUEUE_REDIS_ADDRESS"] = RedisAddress,
                ["K8SQUEUE_REDIS_PASSWORD"] = RedisPassword,
                ["K8SQUEUE_API_KEYS_FILE"] = keys,
            });
        await WaitReadyAsync(new Uri(ApiUrl, "readyz"), cancellationToken);
    }

    private Task WaitReadyAsync(Uri url, CancellationToken cancellationToken) =>
        WaitAsync(
            async () =>
            {
                using var response = await _http.GetAsync(url, cancellationToken);
                return response.EnsureSuccessStatusCode();
            },
            cancellationToken);

    private async Task WaitAsync<T>(Func<Task<T>> attempt, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.StartLimit);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            _processes.ThrowIfAnyExited();
            try
            {
                await attempt();
                return;
            }
            catch (Exception e) when (e is HttpRequestException or SocketException or IOException or KubectlException or TaskCanceledException)
            {
                if (limit.IsCancellationRequested)
                    throw new QuickstartException($"A part was not ready within {_options.StartLimit.TotalSeconds} s: {e.Message}\nIts log is in {_options.Directory}/logs.", e);
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
            }
        }
    }
}
