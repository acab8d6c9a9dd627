using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Controllers;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Revisions;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Writes a pool's status where it changed, and the events that go with it.</summary>
internal sealed class PoolStatusWriter(IKubernetesClient client, PoolStores stores, EventPublisher events, TimeProvider time)
{
    public async Task WriteAsync(PoolPass pass, string revision, ScaleResult scale, CancellationToken cancellationToken)
    {
        var pool = pass.Pool;
        var before = pool.Status;
        pool.Status = PoolStatusBuilder.Build(pool, Observe(pass, revision, scale), time);
        if (before is not null && OperatorJson.Same(OperatorJson.ToBytes(before), OperatorJson.ToBytes(pool.Status)))
            return;
        await client.ReplaceStatusAsync(pool, cancellationToken).ConfigureAwait(false);
        foreach (var (type, reason, message) in PoolEvents.Of(before, pool.Status))
            await events(pool, reason, message, type, cancellationToken).ConfigureAwait(false);
    }

    private PoolObservation Observe(PoolPass pass, string revision, ScaleResult scale) => new()
    {
        Desired = scale.Desired,
        Target = scale.Target,
        EffectiveMax = scale.EffectiveMax,
        LimitedBy = scale.LimitedBy,
        LimitingBudget = scale.LimitingBudget,
        Pods = PodCounts.Of(
            stores.PodsOf(pass.Pool), revision, pass.Deployments.Find(deployment => deployment.Label(Labels.Revision) == revision),
            pod => pass.Memory.Drains.IsDraining(pod.Metadata.Uid!),
            pod => pod.IsProof(pass.Spec.Rollout.MinReady, time.GetUtcNow())),
        Drains = DrainObservation.Of(stores.PodsOf(pass.Pool), pass.Memory.Drains, pass.IsManaged),
        Revision = revision,
        IsRollingOut = scale.IsRollingOut,
        IsStalled = scale.IsStalled,
        ZeroAwaitsWord = scale.ZeroAwaitsWord,
        Problems = pass.Problems,
        ScalingProblem = pass.ScalingProblem,
        ScaledObject = stores.ScaledObjects.Get(new NamespacedName(pass.Namespace, pass.Name)),
        Monitored = pass.Monitored,
    };
}
