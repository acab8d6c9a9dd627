using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Push;
using K8sQueue.Operator.Resources.Triggers;

namespace K8sQueue.Operator.Resources;

/// <summary>Points KEDA to the Secrets that the queues name. No credential is copied.</summary>
public static class TriggerAuthenticationBuilder
{
    /// <summary>One a polled queue that names a Secret or an identity, and one for all pushed queues.</summary>
    /// <param name="push">What pushed queues need; null polls them.</param>
    public static IReadOnlyList<V1Alpha1TriggerAuthentication> Build(V1Alpha1WorkerPool pool, PushTriggers? push = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var made = new List<V1Alpha1TriggerAuthentication>();
        var queues = QueueTriggers.OfAll(pool.Metadata.Name!, pool.Spec.Queues, push);
        for (var i = 0; i < pool.Spec.Queues.Count; i++)
        {
            if (queues[i].Authentication is { } authentication)
                made.Add(Build(pool, i, authentication));
        }

        if (push is not null && pool.Spec.Queues.Exists(PushedTriggers.IsPushed))
            made.Add(PushedTriggers.Authentication(pool));
        return made;
    }

    private static V1Alpha1TriggerAuthentication Build(V1Alpha1WorkerPool pool, int queue, TriggerAuthenticationSpec spec) => new()
    {
        ApiVersion = "keda.sh/v1alpha1",
        Kind = "TriggerAuthentication",
        Metadata = ChildMetadata.Of(pool, ChildMetadata.TriggerAuthenticationName(pool.Metadata.Name!, queue)),
        Spec = spec,
    };
}
