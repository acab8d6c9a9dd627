using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Controllers;
using K8sQueue.Operator.Controllers.ConnectionBudgets;
using K8sQueue.Operator.Controllers.WorkerPools;
using K8sQueue.Operator.Discovery;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Push;
using K8sQueue.Operator.Push.Certificates;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Tests.Discovery;
using K8sQueue.Operator.Tests.Fakes;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Operator.Tests.Controllers;

/// <summary>The controllers over a fake cluster whose Deployments and pods move only when told.</summary>
internal sealed class PoolHarness
{
    private WorkerPoolController _pools;
    private readonly KeyedLocks _locks = new();
    private ConnectionBudgetController _budgets;
    private readonly BudgetRelease _release;
    private readonly EndedPods _ended;
    private readonly DrainMetrics _metrics;
    private readonly ClientSecrets? _clients;
    private int _pods;
    private CancellationToken _stopping;

    /// <param name="push">Null for an operator that serves no push.</param>
    public PoolHarness(PushSettings? push = null)
    {
        Time = new ManualTimeProvider();
        Cluster = new FakeCluster(Time);
        Client = new FakeKubernetesClient(Cluster);
        Stores = FakeStores.Over(Cluster);
        Identity = push is null ? null : new PushIdentity(Client, push, "k8squeue-system", Time, NullLogger<PushIdentity>.Instance);
        _clients = Identity is null ? null : new ClientSecrets(Client, Stores, Identity, Time);
        _ended = new EndedPods(Time);
        _metrics = new DrainMetrics(new FakeMeters());
        Killed = new KilledPods(_metrics, Time, () => true);
        _pools = NewPoolController();
        _budgets = NewBudgetController();
        _release = new BudgetRelease(Client, Stores, _ended, _locks, Time);
    }

    /// <summary>The certificates of push; null where none is served.</summary>
    public PushIdentity? Identity { get; }

    /// <summary>The servers of budgets that name one.</summary>
    public FakeCapacityReader Server { get; } = new();

    public EndedPods Ended => _ended;

    /// <summary>How long budgets wait with what they only show; none, unless a test is about it. Counts from RestartBudgets on.</summary>
    public TimeSpan BookkeepingInterval { get; set; }

    /// <summary>The operator starts anew: it has forgotten what it read.</summary>
    public void RestartBudgets() => _budgets = NewBudgetController();

    /// <summary>The same of pools: only what is in the cluster is left.</summary>
    public void RestartOperator() => _pools = NewPoolController();

    /// <summary>The pool goes, and the controller is told so.</summary>
    public async Task DeleteAsync(string pool = "emails")
    {
        var gone = Pool(pool);
        Cluster.Remove<V1Alpha1WorkerPool>(pool, Samples.Namespace);
        (await _pools.DeletedAsync(gone, CancellationToken.None)).IsSuccess.Should().BeTrue();
    }

    private WorkerPoolController NewPoolController() =>
        new(Client, Stores, new GrantProtocol(Client, _ended, Time), _locks, new DrainServices(Workers, _metrics, Killed), PublishAsync, Time, _clients, () => _stopping);

    private ConnectionBudgetController NewBudgetController() => new(
        Client, Stores, _ended, _locks, PublishAsync, Time,
        new CapacityDiscovery(Server, new HeldEvidence(Client, _ended, Time), Time, NullLogger<CapacityDiscovery>.Instance),
        new BookkeepingPace(Time, BookkeepingInterval));

    /// <summary>Whoever cancels it asks the operator to stop.</summary>
    public void StopWith(CancellationToken stopping) => _stopping = stopping;

    public ManualTimeProvider Time { get; }

    public FakeCluster Cluster { get; }

    public FakeKubernetesClient Client { get; }

    public PoolStores Stores { get; }

    public FakeWorkers Workers { get; } = new();

    public KilledPods Killed { get; }

    public List<string> Events { get; } = [];

    public V1Alpha1WorkerPool Pool(string name = "emails") => Cluster.Get<V1Alpha1WorkerPool>(name, Samples.Namespace)!;

    public V1Alpha1ConnectionBudget Budget(string name) => Cluster.Get<V1Alpha1ConnectionBudget>(name, Samples.Namespace)!;

    public IReadOnlyList<V1Deployment> Deployments => Cluster.List<V1Deployment>(Samples.Namespace);

    public IReadOnlyList<V1Pod> Pods => Cluster.List<V1Pod>(Samples.Namespace);

    public int Granted => Pods.Count(pod => !pod.IsGated());

    public V1Condition Condition(string type, string pool = "emails") => Pool(pool).Status!.Conditions.Find(type)!;

    public void Create(V1Alpha1WorkerPool pool)
    {
        pool.Metadata.Uid = null;
        Cluster.Create(pool);
    }

    public void Edit(Action<WorkerPoolSpec> change, string pool = "emails") => Cluster.Change<V1Alpha1WorkerPool>(pool, Samples.Namespace, item => change(item.Spec));

    /// <summary>The autoscaler's wish, and KEDA's word.</summary>
    public void Ask(int replicas, string pool = "emails")
    {
        Edit(spec => spec.Replicas = replicas, pool);
        if (Cluster.Get<V1Alpha1ScaledObject>(pool, Samples.Namespace) is not null)
            Keda(replicas > 0 ? ("True", "ScalerActive") : ("False", "ScalerNotActive"), pool);
    }

    public void Keda((string Status, string Reason) active, string pool = "emails", string ready = "True") =>
        Cluster.Change<V1Alpha1ScaledObject>(pool, Samples.Namespace, item => item.Status = new ScaledObjectStatus
        {
            Conditions =
            [
                new V1Condition { Type = "Ready", Status = ready, Reason = ready == "True" ? "ScaledObjectReady" : "TriggerError", Message = "said by KEDA" },
                new V1Condition { Type = "Active", Status = active.Status, Reason = active.Reason },
            ],
        });

    /// <summary>One pass, however it ends.</summary>
    public Task<ReconciliationResult<V1Alpha1WorkerPool>> PassAsync(string pool = "emails") => _pools.ReconcileAsync(Pool(pool), CancellationToken.None);

    public async Task<TimeSpan?> ReconcileAsync(string pool = "emails")
    {
        var result = await PassAsync(pool);
        result.IsSuccess.Should().BeTrue();
        return result.RequeueAfter;
    }

    public async Task<TimeSpan?> ReconcileBudgetAsync(string name) =>
        (await _budgets.ReconcileAsync(Budget(name), CancellationToken.None)).RequeueAfter;

    /// <summary>The soonest look that a budget asks for.</summary>
    public async Task<TimeSpan?> ReconcileBudgetsAsync()
    {
        TimeSpan? soonest = null;
        foreach (var budget in Cluster.List<V1Alpha1ConnectionBudget>(Samples.Namespace))
        {
            var after = (await _budgets.ReconcileAsync(budget, CancellationToken.None)).RequeueAfter;
            soonest = soonest is null || after < soonest ? after ?? soonest : soonest;
        }

        return soonest;
    }

    /// <summary>Deletes the budget, and says when its finalizer looks again; null where it lets it go.</summary>
    public async Task<TimeSpan?> FinalizeBudgetAsync(string name)
    {
        Cluster.Change<V1Alpha1ConnectionBudget>(name, Samples.Namespace, item => item.Metadata.DeletionTimestamp ??= Time.GetUtcNow());
        return (await _release.FinalizeAsync(Budget(name), CancellationToken.None)).RequeueAfter;
    }

    /// <summary>Takes the pool's label off a pod, at which a watch of that label says that it was deleted.</summary>
    public void Isolate(V1Pod pod)
    {
        Cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, item => item.Metadata.Labels!.Remove(Labels.Pool));
        _ended.Observe(new(pod, null));
    }

    /// <summary>Controllers, ReplicaSets and kubelets, again and again, until nothing is written any more.</summary>
    public async Task SettleAsync(int rounds = 40)
    {
        for (var round = 0; round < rounds; round++)
        {
            var version = Cluster.Version;
            foreach (var pool in Cluster.List<V1Alpha1WorkerPool>(Samples.Namespace))
                await ReconcileAsync(pool.Metadata.Name!);
            await ReconcileBudgetsAsync();
            RunReplicaSets();
            StartPods();
            FinishDraining();
            if (Cluster.Version == version)
                return;
        }

        throw new InvalidOperationException($"Not settled after {rounds} rounds: {string.Join(", ", Cluster.Writes.TakeLast(20))}");
    }

    /// <summary>As ReplicaSets do: as many pods as asked for that nobody deleted; the unassigned, the unready and the cheapest go first.</summary>
    public void RunReplicaSets()
    {
        foreach (var deployment in Deployments)
        {
            var set = ReplicaSetOf(deployment);
            var pods = Pods.Where(pod => pod.Label(Labels.Revision) == deployment.Label(Labels.Revision) && pod.Label(Labels.Pool) == deployment.Label(Labels.Pool)).ToList();
            var active = pods.Where(pod => !pod.IsDeleting() && !pod.HasEnded()).ToList();
            for (var i = active.Count; i < deployment.Spec.Replicas; i++)
                CreatePod(deployment, set);
            foreach (var victim in active.OrderBy(pod => pod.Spec.NodeName is null ? 0 : 1).ThenBy(pod => pod.IsReady() ? 1 : 0)
                .ThenBy(CostOf).ThenByDescending(pod => pod.Metadata.Name).Take(active.Count - (deployment.Spec.Replicas ?? 0)))
                DeletePod(victim);
            Cluster.Change<V1Deployment>(deployment.Metadata.Name!, Samples.Namespace, item => item.Status = new V1DeploymentStatus
            {
                ObservedGeneration = item.Metadata.Generation,
                Replicas = Math.Min(active.Count, item.Spec.Replicas ?? 0),
            });
            Cluster.Change<V1ReplicaSet>(deployment.Metadata.Name!, Samples.Namespace, item =>
            {
                item.Spec.Replicas = deployment.Spec.Replicas;
                item.Status = new V1ReplicaSetStatus { ObservedGeneration = 1_000_000, Replicas = deployment.Spec.Replicas };
            });
        }
    }

    private static int CostOf(V1Pod pod) =>
        int.TryParse(pod.Annotation("controller.kubernetes.io/pod-deletion-cost"), CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    /// <summary>Gated pods go at once, others get a grace period.</summary>
    public void DeletePod(V1Pod pod)
    {
        if (pod.IsGated())
            Remove(pod);
        else
            Cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, item => item.Metadata.DeletionTimestamp = Time.GetUtcNow());
    }

    public void StartPods(Func<V1Pod, bool>? ready = null)
    {
        foreach (var pod in Pods.Where(pod => !pod.IsGated() && !pod.IsDeleting() && pod.Spec.NodeName is null))
        {
            Cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, item =>
            {
                Samples.Start(item);
                SetReady(item, (ready ?? IsReady)(item));
                item.Status!.PodIP = item.Metadata.Name;
            });
        }
    }

    /// <summary>What keeps pods from becoming ready has gone.</summary>
    public void MakeReady()
    {
        IsReady = _ => true;
        foreach (var pod in Pods.Where(pod => pod.Spec.NodeName is not null && !pod.IsDeleting() && !pod.Status!.Conditions.IsTrue("Ready")))
        {
            Cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, item =>
            {
                Samples.Start(item);
                SetReady(item, true);
            });
        }
    }

    private void SetReady(V1Pod pod, bool isReady)
    {
        pod.Status!.Conditions = [new V1Condition { Type = "Ready", Status = isReady ? "True" : "False", LastTransitionTime = Time.GetUtcNow() }];
        if (!isReady && Trouble is not null)
            pod.Status.ContainerStatuses = [Trouble];
    }

    /// <summary>What a container that does not become ready says; null for nothing.</summary>
    public V1ContainerStatus? Trouble { get; set; }

    /// <summary>Which pods become ready.</summary>
    public Func<V1Pod, bool> IsReady { get; set; } = _ => true;

    public void FinishDraining()
    {
        foreach (var pod in Pods.Where(pod => pod.IsDeleting()))
            Remove(Cluster.Change<V1Pod>(pod.Metadata.Name!, Samples.Namespace, Samples.End));
    }

    private void Remove(V1Pod pod)
    {
        Cluster.Remove<V1Pod>(pod.Metadata.Name!, Samples.Namespace);
        // The API server marks a pod that it deletes at once, too.
        pod.Metadata.DeletionTimestamp ??= Time.GetUtcNow();
        _ended.Observe(new(pod, null));
    }

    private V1ReplicaSet ReplicaSetOf(V1Deployment deployment) =>
        Cluster.Get<V1ReplicaSet>(deployment.Metadata.Name!, Samples.Namespace) ?? Cluster.Create(new V1ReplicaSet
        {
            Metadata = new V1ObjectMeta
            {
                Name = deployment.Metadata.Name,
                Namespace = Samples.Namespace,
                Labels = new() { [Labels.Pool] = deployment.Label(Labels.Pool)!, [Labels.Revision] = deployment.Label(Labels.Revision)! },
                OwnerReferences = [deployment.ToControllerReference()],
            },
        });

    private void CreatePod(V1Deployment deployment, V1ReplicaSet set)
    {
        var template = (JsonObject)deployment.Spec.Template!.DeepClone();
        var metadata = (JsonObject)template["metadata"]!;
        metadata["name"] = FormattableString.Invariant($"{deployment.Metadata.Name}-{_pods++:000}");
        metadata["namespace"] = Samples.Namespace;
        metadata["ownerReferences"] = new JsonArray(OperatorJson.ToObject(set.ToControllerReference()));
        template["status"] = new JsonObject { ["phase"] = "Pending" };
        Cluster.Create(System.Text.Json.JsonSerializer.Deserialize(template, K8sQueue.Kubernetes.Serialization.KubernetesJson.TypeInfo<V1Pod>(OperatorJson.Options))!);
    }

    private Task PublishAsync(IKubernetesObject entity, string reason, string message, EventType type, CancellationToken cancellationToken)
    {
        Events.Add($"{type} {reason}");
        return Task.CompletedTask;
    }
}
