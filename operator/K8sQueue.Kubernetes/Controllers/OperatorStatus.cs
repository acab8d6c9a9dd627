using K8sQueue.Kubernetes.Informers;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>What probes ask of an operator.</summary>
public sealed class OperatorStatus(IEnumerable<IResourceInformer> informers)
{
    private readonly IReadOnlyList<IResourceInformer> _informers = [.. informers];
    private volatile bool _isLeading;

    /// <summary>Whether the controllers run in this process.</summary>
    public bool IsLeading
    {
        get => _isLeading;
        internal set => _isLeading = value;
    }

    /// <summary>Whether every cache was filled once.</summary>
    public bool HasSynced => _informers.All(static i => i.HasSynced);

    /// <summary>Plurals of the kinds whose caches were not filled yet.</summary>
    public IReadOnlyList<string> Unsynced => [.. _informers.Where(static i => !i.HasSynced).Select(static i => i.Name)];
}
