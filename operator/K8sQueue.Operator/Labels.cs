namespace K8sQueue.Operator;

/// <summary>Names that the operator puts on, or looks for in, the cluster. They are part of the API: never change one.</summary>
public static class Labels
{
    /// <summary>API group of the custom resources, and prefix of every other name here.</summary>
    public const string Group = "k8squeue.io";

    /// <summary>Version of the custom resources.</summary>
    public const string Version = "v1alpha1";

    /// <summary>Group and version, as in apiVersion.</summary>
    public const string ApiVersion = Group + "/" + Version;

    /// <summary>Label: the WorkerPool that an object belongs to.</summary>
    public const string Pool = Group + "/pool";

    /// <summary>Label: the hash of the template that a Deployment or a pod was made from.</summary>
    public const string Revision = Group + "/revision";

    /// <summary>Scheduling gate of every pod that holds connections; taking it away is the grant.</summary>
    public const string ConnectionsGate = Group + "/connections";

    /// <summary>Finalizer of a WorkerPool: its ScaledObject goes first.</summary>
    public const string TeardownFinalizer = Group + "/teardown";

    /// <summary>Finalizer of a ConnectionBudget: what is held, or about to be granted, is free first.</summary>
    public const string ReleaseFinalizer = Group + "/release";

    /// <summary>Annotation of a pod: what it holds, JSON, connections by budget name.</summary>
    public const string Charges = Group + "/charges";

    /// <summary>Annotation of a pod: when its gate went, by the operator's clock.</summary>
    public const string GrantedAt = Group + "/granted-at";

    /// <summary>Annotation of a Deployment: the higher, the later its revision was the current one.</summary>
    public const string RevisionNumber = Group + "/revision-number";

    /// <summary>Annotation of a pod: when a scale-in or a rollout chose it, RFC 3339.</summary>
    public const string DrainingSince = Group + "/draining-since";

    /// <summary>Annotation of a pod that waits for its grant: when it was decided that it goes instead, RFC 3339.</summary>
    public const string WithdrawnAt = Group + "/withdrawn-at";

    /// <summary>Annotation of a pod that was chosen: the deletion cost that its owner had set.</summary>
    public const string DeletionCostBefore = Group + "/deletion-cost-before";

    /// <summary>The field manager of every server-side apply.</summary>
    public const string FieldManager = "k8squeue-operator";

    /// <summary>The usual label for who manages an object.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by";
}
