using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Resources;

/// <summary>Names and metadata of what a pool makes.</summary>
public static class ChildMetadata
{
    private const string ManagedBy = "k8squeue-operator";

    public static string DeploymentName(string pool, string revision) => $"{pool}-{revision}";

    public static string TriggerAuthenticationName(string pool, int queue) => FormattableString.Invariant($"{pool}-q{queue}");

    public static string PushAuthenticationName(string pool) => $"{pool}-push";

    public static string ManagementSecretName(string pool) => $"{pool}-management";

    /// <summary>Metadata of a child: the pool's namespace and label, and the pool as its controller.</summary>
    internal static V1ObjectMeta Of(V1Alpha1WorkerPool pool, string name) => Of(pool, name, labels: null);

    /// <param name="labels">More labels; those of the operator come first.</param>
    internal static V1ObjectMeta Of(V1Alpha1WorkerPool pool, string name, IReadOnlyDictionary<string, string>? labels) => new()
    {
        Name = name,
        Namespace = pool.Metadata.Namespace,
        Labels = new Dictionary<string, string>(labels ?? new Dictionary<string, string>())
        {
            [Labels.ManagedBy] = ManagedBy,
            [Labels.Pool] = pool.Metadata.Name!,
        },
        OwnerReferences = [pool.ToControllerReference()],
    };
}
