using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Api;

/// <summary>
/// The verbs of the LocalCluster API server without HTTP: what its controllers, kubelet and autoscaler stand-ins call. Everything passes
/// the same validation, defaulting, admission and garbage collection as a request over HTTP does.
/// Objects are JSON trees. What is returned of one is the caller's own copy; what lists and watches show is shared, to be read only.
/// </summary>
public interface IClusterApi
{
    /// <summary>Reads one object; null where there is none.</summary>
    JsonObject? Get(GroupResource resource, string? @namespace, string name);

    /// <summary>Lists objects, of all namespaces where none is given. They are shared: copy one before changing it.</summary>
    IReadOnlyList<JsonObject> List(GroupResource resource, string? @namespace = null, string? labelSelector = null);

    /// <summary>POST.</summary>
    /// <exception cref="ClusterApiException">AlreadyExists, Invalid, ...</exception>
    JsonObject Create(GroupResource resource, JsonObject value);

    /// <summary>
    /// Reads, changes and writes an object, again on a conflict, as one atomic step for callers of this interface. The change returns
    /// false to leave the object alone. Null where there is no such object.
    /// </summary>
    /// <param name="subresource">null, or "status".</param>
    JsonObject? Modify(GroupResource resource, string? @namespace, string name, Func<JsonObject, bool> change, string? subresource = null);

    /// <summary>
    /// Deletes; false where there is no such object or the UID is another. A pod with a grace period gets a deletionTimestamp and goes when the kubelet
    /// deletes it with grace 0 (at once where it was never bound to a node); an object with finalizers goes when they do.
    /// </summary>
    bool Delete(GroupResource resource, string? @namespace, string name, string? uid = null, long? gracePeriodSeconds = null);

    /// <summary>Every present object as ADDED, then each change, in order, without a gap; ends with the token. They are shared: copy one before changing it.</summary>
    IAsyncEnumerable<ClusterEvent> WatchAsync(GroupResource resource, CancellationToken cancellationToken);
}

/// <summary>A resource: its group ("" for core) and plural name.</summary>
public sealed record GroupResource(string Group, string Plural)
{
    public static readonly GroupResource Pods = new("", "pods");
    public static readonly GroupResource Nodes = new("", "nodes");
    public static readonly GroupResource Namespaces = new("", "namespaces");
    public static readonly GroupResource Secrets = new("", "secrets");
    public static readonly GroupResource ConfigMaps = new("", "configmaps");
    public static readonly GroupResource Services = new("", "services");
    public static readonly GroupResource ServiceAccounts = new("", "serviceaccounts");
    public static readonly GroupResource Events = new("", "events");
    public static readonly GroupResource Deployments = new("apps", "deployments");
    public static readonly GroupResource ReplicaSets = new("apps", "replicasets");
    public static readonly GroupResource PodDisruptionBudgets = new("policy", "poddisruptionbudgets");
    public static readonly GroupResource HorizontalPodAutoscalers = new("autoscaling", "horizontalpodautoscalers");
    public static readonly GroupResource Leases = new("coordination.k8s.io", "leases");
    public static readonly GroupResource CustomResourceDefinitions = new("apiextensions.k8s.io", "customresourcedefinitions");
    public static readonly GroupResource ScaledObjects = new("keda.sh", "scaledobjects");
    public static readonly GroupResource TriggerAuthentications = new("keda.sh", "triggerauthentications");
    public static readonly GroupResource WorkerPools = new("k8squeue.io", "workerpools");
    public static readonly GroupResource ConnectionBudgets = new("k8squeue.io", "connectionbudgets");
}

/// <summary>A change: ADDED, MODIFIED or DELETED, and the object after it (before it, for DELETED).</summary>
public sealed record ClusterEvent(string Type, JsonObject Object);

/// <summary>A refusal, as the API server's Status says it.</summary>
public sealed class ClusterApiException : Exception
{
    public ClusterApiException(int code, string reason, string message)
        : base(message)
    {
        Code = code;
        Reason = reason;
    }

    public ClusterApiException()
    {
    }

    public ClusterApiException(string message)
        : base(message)
    {
    }

    public ClusterApiException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The HTTP status.</summary>
    public int Code { get; }

    /// <summary>For example AlreadyExists, Conflict, Invalid, NotFound, Forbidden.</summary>
    public string Reason { get; } = "InternalError";

    /// <summary>The Status' details: kind, group, name and causes, where there are any.</summary>
    public JsonObject? Details { get; init; }
}
