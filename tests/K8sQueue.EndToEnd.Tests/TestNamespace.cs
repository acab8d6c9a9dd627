using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator;
using K8sQueue.Operator.Entities;
using K8sQueue.Quickstart.Processes;
using K8sQueue.Quickstart.Run;
using K8sQueue.Testing;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>A namespace of a test's own, with the Secret that pools need, gone afterwards.</summary>
public sealed class TestNamespace : IAsyncDisposable
{
    // A real autoscaler ticks every 15 s, and images take their time to start.
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly EndToEndEnvironment _environment;

    private TestNamespace(EndToEndEnvironment environment, string name)
    {
        _environment = environment;
        Name = name;
        Kubectl = new Kubectl(environment.Stack.Kubeconfig, name);
    }

    public string Name { get; }

    public Kubectl Kubectl { get; }

    public static async Task<TestNamespace> CreateAsync(EndToEndEnvironment environment)
    {
        environment.Stack.ThrowIfAnyExited();
        var name = $"e2e-{Guid.NewGuid().ToString("N")[..8]}";
        await environment.Stack.Kubectl.RunAsync(["create", "namespace", name]);
        return new TestNamespace(environment, name);
    }

    public Task CreateSecretAsync() =>
        Kubectl.ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "queue-redis" },
            ["stringData"] = new JsonObject { ["password"] = _environment.Stack.RedisPassword },
        }.ToJsonString());

    public Task CreateBudgetAsync(int capacity, int reserved = 0, string name = "queue-redis") =>
        Kubectl.ApplyAsync($$"""
            apiVersion: k8squeue.io/v1alpha1
            kind: ConnectionBudget
            metadata: {name: {{name}}}
            spec: {capacity: {{capacity}}, reserved: {{reserved}}}
            """);

    /// <summary>A pool on a queue of the same name, with jobs of the type <c>work</c> that call the endpoint.</summary>
    public string PoolYaml(string name, int maxReplicas = 6, int jobsPerReplica = 20, int perReplica = 4, string? budget = "queue-redis", string secret = "queue-redis", int minReplicas = 0) =>
        $$$"""
        apiVersion: k8squeue.io/v1alpha1
        kind: WorkerPool
        metadata: {name: {{{name}}}}
        spec:
          queues:
          - name: {{{name}}}
            jobsPerReplica: {{{jobsPerReplica}}}
            k8squeue:
              redis:
                address: {{{_environment.Stack.RedisAddress}}}
                passwordSecretRef: {name: {{{secret}}}, key: password}
          scaling:
            minReplicas: {{{minReplicas}}}
            maxReplicas: {{{maxReplicas}}}
            pollingIntervalSeconds: 1
            cooldownSeconds: 3
            scaleDown: {stabilizationSeconds: 3}
          connections: {{{(budget is null ? "[]" : $"[{{budget: {budget}, perReplica: {perReplica}}}]")}}}
          drain: {timeoutSeconds: 20}
          template:
            spec:
              containers:
              - name: worker
                image: {{{EndToEndEnvironment.WorkerImage}}}
                imagePullPolicy: IfNotPresent
                env:
                - {name: K8SQUEUE_CONCURRENCY, value: "2"}
                - {name: K8SQUEUE_HANDLERS, value: '{"work": {"http": {"url": "{{{_environment.EndpointUrl}}}"} } }'}
        """;

    public async Task<IReadOnlyList<string>> EnqueueAsync(string queue, int count)
    {
        var ids = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
            ids[i] = await _environment.Api.EnqueueAsync(queue, "work", new JsonObject { ["n"] = i }, token));
        return ids;
    }

    /// <summary>Enqueues one job that takes so long.</summary>
    public Task<string> EnqueueTimedAsync(string queue, double seconds) =>
        _environment.Api.EnqueueAsync(queue, "work", new JsonObject { ["seconds"] = seconds }, CancellationToken.None);

    /// <summary>Enqueues one job whose calls last until <see cref="Quickstart.WorkEndpoint.LetEnd"/>.</summary>
    public Task<string> EnqueueHeldAsync(string queue) =>
        _environment.Api.EnqueueAsync(queue, "work", new JsonObject { ["held"] = true }, CancellationToken.None);

    /// <summary>The eviction subresource, as a node drain uses it; false where the disruption budget says no, or the pod is gone.</summary>
    public async Task<bool> TryEvictAsync(string pod)
    {
        var eviction = new JsonObject
        {
            ["apiVersion"] = "policy/v1",
            ["kind"] = "Eviction",
            ["metadata"] = new JsonObject { ["name"] = pod, ["namespace"] = Name },
        };
        try
        {
            await Kubectl.RunAsync(["create", "--raw", $"/api/v1/namespaces/{Name}/pods/{pod}/eviction", "-f", "-"], eviction.ToJsonString());
            return true;
        }
        catch (KubectlException e) when (e.Message.Contains("disruption budget", StringComparison.Ordinal) || e.Message.Contains("not found", StringComparison.Ordinal))
        {
            return false;
        }
    }

    /// <summary>The pool's pods.</summary>
    public async Task<IReadOnlyList<V1Pod>> PodsAsync(string pool) =>
        [.. (await _environment.Kubernetes.ListAsync<V1Pod>(Name, new ListOptions { LabelSelector = $"{Labels.Pool}={pool}" }, CancellationToken.None)).Items];

    public async Task<V1Alpha1WorkerPool> PoolAsync(string name) =>
        await _environment.Kubernetes.GetAsync<V1Alpha1WorkerPool>(name, Name, CancellationToken.None)
        ?? throw new InvalidOperationException($"There is no pool {name}.");

    public async Task<V1Alpha1ConnectionBudget> BudgetAsync(string name = "queue-redis") =>
        await _environment.Kubernetes.GetAsync<V1Alpha1ConnectionBudget>(name, Name, CancellationToken.None)
        ?? throw new InvalidOperationException($"There is no budget {name}.");

    public async Task WaitForPoolAsync(string name, Func<WorkerPoolStatus, bool> condition, string what)
    {
        try
        {
            await Eventually.IsTrue(HoldsAsync, Patience, what);
        }
        catch (TimeoutException e)
        {
            var seen = await Kubectl.RunAsync(["get", "workerpools,connectionbudgets,scaledobjects,horizontalpodautoscalers,deployments,pods,events"]);
            var pool = await Kubectl.RunAsync(["get", "workerpool", name, "-o", "jsonpath={.spec.replicas} {.status}"]);
            throw new TimeoutException($"{e.Message}\n{pool}\n{seen}\nOperator: {await _environment.Operator.TailAsync()}", e);
        }

        async Task<bool> HoldsAsync()
        {
            // What waits for a part that is gone need not wait for long.
            _environment.Stack.ThrowIfAnyExited();
            return (await PoolAsync(name)).Status is { } status && condition(status);
        }
    }

    /// <summary>Waits until the pool is ready, at whatever size.</summary>
    public Task WaitUntilReadyAsync(string pool) => WaitForConditionAsync(pool, "Ready", "True");

    /// <summary>Waits for a condition with this status and, where one is given, this reason.</summary>
    public Task WaitForConditionAsync(string pool, string type, string status, string? reason = null) =>
        WaitForPoolAsync(
            pool,
            s => s.Conditions?.Any(c => c.Type == type && c.Status == status && (reason is null || c.Reason == reason)) == true,
            $"{pool}: {type}={status} {reason}");

    public Task WaitForCompletedAsync(string queue, int jobs) =>
        Eventually.IsTrue(
            async () => (await FiguresAsync(queue)).Completed >= jobs, Patience, $"{queue}: {jobs} jobs completed");

    public Task<QueueFigures> FiguresAsync(string queue) => _environment.Api.GetFiguresAsync(queue, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        // In this order, as a person would: a namespace deleted with its pools in it works too, and has a test of its own.
        await Kubectl.RunAsync(["delete", "workerpools", "--all", "--wait=true", "--timeout=120s"]);
        // Their finalizer needs the operator, which ends with the suite.
        await Kubectl.RunAsync(["delete", "connectionbudgets", "--all", "--wait=false"]);
        await _environment.Stack.Kubectl.RunAsync(["delete", "namespace", Name, "--wait=false"]);
    }
}
