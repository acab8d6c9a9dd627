namespace K8sQueue.Kubernetes.Informers;

/// <summary>What an informer watches.</summary>
public sealed class InformerOptions
{
    /// <summary>Namespaces to watch; empty means all of them. Cluster-scoped kinds ignore it.</summary>
    public IReadOnlyList<string> Namespaces { get; set; } = [];

    /// <summary>Only objects that match; null means all.</summary>
    public string? LabelSelector { get; set; }

    /// <summary>Only objects that match; null means all.</summary>
    public string? FieldSelector { get; set; }

    /// <summary>
    /// The kind may not be installed (a CRD of somebody else's). Where it isn't, the informer counts as synced, with no objects, and starts once
    /// the server serves it. The default value is false: an absent kind then is an error that is retried.
    /// </summary>
    public bool Optional { get; set; }

    /// <summary>How often to look whether an absent optional kind is served. The default value is 10 seconds.</summary>
    public TimeSpan DiscoveryInterval { get; set; } = TimeSpan.FromSeconds(10);
}
