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

    /// <summary>
    /// Cancelled when the controllers are to end: a running reconciliation may do its step, and begins nothing that takes long. Another waits for
    /// the lease.
    /// </summary>
    public CancellationToken Stopping { get; internal set; }

    /// <summary>Whether every cache was filled once, but for what <see cref="Refused"/> names.</summary>
    public bool HasSynced => _informers.All(static i => i.HasSynced);

    /// <summary>Plurals of the kinds whose caches were not filled yet, each with the namespace where it is not all of them.</summary>
    public IReadOnlyList<string> Unsynced => [.. _informers.Where(static i => !i.HasSynced).SelectMany(Places)];

    /// <summary>The same of those that may not be filled, while all others are: nothing of these namespaces is reconciled.</summary>
    public IReadOnlyList<string> Refused => [.. _informers.Where(static i => i.HasSynced).SelectMany(Places)];

    /// <summary>Namespaces of which a cache may not be filled, while those of others are.</summary>
    public IReadOnlyList<string> RefusedNamespaces =>
        [.. _informers.Where(static i => i.HasSynced).SelectMany(static i => i.Unsynced).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Whether all caches of that namespace were filled once.</summary>
    public bool HasSyncedIn(string? @namespace) => _informers.All(i => i.HasSyncedIn(@namespace));

    private static IEnumerable<string> Places(IResourceInformer informer) =>
        informer.Unsynced.Select(place => place.Length == 0 ? informer.Name : $"{informer.Name} in {place}");
}
