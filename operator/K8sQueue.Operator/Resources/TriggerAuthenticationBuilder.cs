using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Push;

namespace K8sQueue.Operator.Resources;

/// <summary>Points KEDA to the Secrets that the queues name. No credential is copied.</summary>
public static class TriggerAuthenticationBuilder
{
    /// <summary>One a polled queue that names a Secret, and one for all pushed queues.</summary>
    /// <param name="push">What pushed queues need; null polls them.</param>
    public static IReadOnlyList<V1Alpha1TriggerAuthentication> Build(V1Alpha1WorkerPool pool, PushTriggers? push = null)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var made = new List<V1Alpha1TriggerAuthentication>();
        for (var i = 0; i < pool.Spec.Queues.Count; i++)
        {
            if (push is not null && PushedTriggers.IsPushed(pool.Spec.Queues[i]))
                continue;
            var references = ReferencesOf(pool.Spec.Queues[i]).ToList();
            if (references.Count > 0)
                made.Add(Build(pool, i, references));
        }

        if (push is not null && pool.Spec.Queues.Exists(PushedTriggers.IsPushed))
            made.Add(PushedTriggers.Authentication(pool));
        return made;
    }

    /// <summary>Whether the queue needs one.</summary>
    internal static bool IsNeeded(QueueSpec queue) => ReferencesOf(queue).Any();

    private static V1Alpha1TriggerAuthentication Build(V1Alpha1WorkerPool pool, int queue, List<SecretTargetReference> references) => new()
    {
        ApiVersion = "keda.sh/v1alpha1",
        Kind = "TriggerAuthentication",
        Metadata = ChildMetadata.Of(pool, ChildMetadata.TriggerAuthenticationName(pool.Metadata.Name!, queue)),
        Spec = new TriggerAuthenticationSpec { SecretTargetRef = references },
    };

    private static IEnumerable<SecretTargetReference> ReferencesOf(QueueSpec queue)
    {
        if (queue.K8squeue?.Redis is not { } redis)
            yield break;
        if (redis.PasswordSecretRef is { } password)
            yield return new SecretTargetReference { Parameter = "password", Name = password.Name, Key = password.Key };
        if (redis.CaSecretRef is { } ca)
            yield return new SecretTargetReference { Parameter = "ca", Name = ca.Name, Key = ca.Key };
    }
}
