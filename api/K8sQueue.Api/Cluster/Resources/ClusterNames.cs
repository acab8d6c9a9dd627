namespace K8sQueue.Api.Cluster.Resources;

/// <summary>Names that the operator puts on what it makes: part of its API, which never changes.</summary>
internal static class ClusterNames
{
    public const string Group = "k8squeue.io";

    public const string Version = "v1alpha1";

    /// <summary>Label: the WorkerPool that a pod belongs to.</summary>
    public const string Pool = Group + "/pool";

    /// <summary>Label: the hash of the template that a pod was made from.</summary>
    public const string Revision = Group + "/revision";

    /// <summary>Scheduling gate of a pod that waits for connections.</summary>
    public const string ConnectionsGate = Group + "/connections";

    /// <summary>Annotation of a pod: what it holds, JSON, connections by budget name.</summary>
    public const string Charges = Group + "/charges";

    /// <summary>Annotation of a pod: when a scale-in or a rollout chose it, RFC 3339.</summary>
    public const string DrainingSince = Group + "/draining-since";
}
