using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Push.Certificates;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Brings a pool's Deployments, ScaledObject and grants in line with its spec. One file a verb, beside this one.</summary>
public sealed class WorkerPoolController : IEntityController<V1Alpha1WorkerPool>
{
    private readonly PoolStores _stores;
    private readonly PoolMemories _memories;
    private readonly PoolReferences _references;
    private readonly PoolPush _push;
    private readonly PoolChildren _children;
    private readonly PoolRevisions _revisions;
    private readonly PoolScaler _scaler;
    private readonly PoolMonitoring _monitoring;
    private readonly PoolStatusWriter _status;
    private readonly PoolKilledPods _killed;
    private readonly IWorkerManagement _workers;
    private readonly Func<CancellationToken> _stopping;

    public WorkerPoolController(
        IKubernetesClient client, PoolStores stores, GrantProtocol grants, KeyedLocks locks, DrainServices drains, EventPublisher events,
        TimeProvider time)
        : this(client, stores, grants, locks, drains, events, time, pushSecrets: null)
    {
    }

    /// <param name="pushSecrets">Null where the operator serves no push.</param>
    /// <param name="stopping">Cancelled where another is to go on; null for never.</param>
    internal WorkerPoolController(
        IKubernetesClient client,
        PoolStores stores,
        GrantProtocol grants,
        KeyedLocks locks,
        DrainServices drains,
        EventPublisher events,
        TimeProvider time,
        ClientSecrets? pushSecrets,
        Func<CancellationToken>? stopping = null)
    {
        var writer = new ChildWriter(client);
        _stores = stores;
        _stopping = stopping ?? (static () => CancellationToken.None);
        _memories = new PoolMemories(time);
        _references = new PoolReferences(client, stores, time);
        _push = new PoolPush(client, pushSecrets);
        _children = new PoolChildren(client, stores, writer, new ManagementSecret(client, stores, time), _push, new ForeignAutoscalers(client, time), time);
        _revisions = new PoolRevisions(client, stores, writer, events, time);
        var rounds = new WorkerRounds(drains.Workers, time);
        _scaler = new PoolScaler(
            client,
            stores,
            stores.Allocations,
            new GrantBatches(grants, locks),
            new PoolResizer(client, new DrainCoordinator(client, stores, rounds, drains.Metrics, events, time)),
            new PoolQueueLimit(rounds, time),
            time);
        _monitoring = new PoolMonitoring(client, writer, time);
        _killed = new PoolKilledPods(drains.Killed, events);
        _workers = drains.Workers;
        _status = new PoolStatusWriter(client, stores, events, time);
    }

    public async Task<ReconciliationResult<V1Alpha1WorkerPool>> ReconcileAsync(V1Alpha1WorkerPool entity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var pass = new PoolPass(entity, _memories.Of(entity))
        {
            Charges = PoolCharges.Of(entity.Spec, _stores.Budgets.List(entity.Metadata.Namespace)),
            Stopping = _stopping(),
            Monitored = entity.Status?.Conditions.Find(Conditions.Monitored),
        };
        var revision = RevisionHash.Of(pass.Spec, pass.Charges);
        ScaleResult? scale = null;
        await pass.GuardAsync("The Deployment of the template can't be looked after", () => _revisions.EnsureAsync(pass, revision, cancellationToken))
            .ConfigureAwait(false);
        await pass.GuardAsync("What the spec names can't be looked at", () => _references.CheckAsync(pass, cancellationToken)).ConfigureAwait(false);
        await pass.GuardAsync("What goes with the pods can't be looked after", () => _children.EnsureAsync(pass, cancellationToken)).ConfigureAwait(false);
        await pass.GuardAsync("The pool can't be scaled", async () =>
            scale = await _scaler.ScaleAsync(pass, revision, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        await pass.GuardAsync("What Prometheus is given can't be looked after", () => _monitoring.EnsureAsync(pass, cancellationToken)).ConfigureAwait(false);
        await _killed.TellAsync(pass, cancellationToken).ConfigureAwait(false);
        await _status.WriteAsync(pass, revision, scale ?? ScaleResult.AsBefore(pass), cancellationToken).ConfigureAwait(false);
        return pass.Failure is { } failure
            ? ReconciliationResult<V1Alpha1WorkerPool>.Failure(entity, failure.Message, failure, pass.RequeueAfter)
            : ReconciliationResult<V1Alpha1WorkerPool>.Success(entity, pass.RequeueAfter);
    }

    public Task<ReconciliationResult<V1Alpha1WorkerPool>> DeletedAsync(V1Alpha1WorkerPool entity, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entity);
        _memories.Forget(entity);
        _push.Forget(entity);
        _workers.Forget(entity.Key());
        return Task.FromResult(ReconciliationResult<V1Alpha1WorkerPool>.Success(entity));
    }
}
