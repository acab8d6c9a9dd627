using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Informers;

/// <summary>What an informer watches.</summary>
public class InformerOptions
{
    /// <summary>Namespaces to watch; empty means all of them. Cluster-scoped kinds ignore it.</summary>
    public IReadOnlyList<string> Namespaces { get; set; } = [];

    /// <summary>Only objects that match; null means all.</summary>
    public string? LabelSelector { get; set; }

    /// <summary>Only objects that match; null means all.</summary>
    public string? FieldSelector { get; set; }

    /// <summary>
    /// The kind may not be installed (a CRD of somebody else's), or we may not list it. Then the informer counts as synced, with no objects, and
    /// starts once the server serves it. The default value is false: an absent kind then is an error that is retried.
    /// </summary>
    public bool Optional { get; set; }

    /// <summary>How often to look whether an absent optional kind is served. The default value is 10 seconds.</summary>
    public TimeSpan DiscoveryInterval { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>What an informer watches, and what it keeps of it.</summary>
public sealed class InformerOptions<T> : InformerOptions
    where T : class, IKubernetesObject
{
    /// <summary>
    /// What is kept of each object: it is called before the object goes into the store, and may change and return it, or return another. It
    /// must keep namespace, name, UID and resourceVersion, and give the same for the same. Null, the default, keeps the whole object.
    /// </summary>
    public Func<T, T>? Transform { get; set; }
}
