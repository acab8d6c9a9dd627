using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Kubernetes.Informers;

/// <summary>
/// A store of one kind, kept up to date by list and watch, and those who want to hear of changes. An object that was deleted and made again
/// under the same name is a delete and an add, also where only a list showed it.
/// </summary>
public sealed partial class ResourceInformer<T> : IResourceInformer, IReflectorSink<T>
    where T : class, IKubernetesObject
{
    private readonly Lock _gate = new();
    private readonly ResourceStore<T> _store = new();
    private readonly List<Action<ResourceChange<T>>> _handlers = [];
    private readonly List<Action<bool>> _servedHandlers = [];
    private readonly HashSet<string> _unsynced;
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string?> _unserved = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IKubernetesClient _client;
    private readonly InformerOptions<T> _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IReadOnlyList<string?> _namespaces;

    public ResourceInformer(IKubernetesClient client, InformerOptions<T> options, TimeProvider time, ILogger<ResourceInformer<T>> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _client = client;
        _options = options;
        _time = time;
        _logger = logger;
        _namespaces = ResourceType<T>.IsClusterScoped || options.Namespaces.Count == 0 ? [null] : [.. options.Namespaces];
        _unsynced = [.. _namespaces.Select(static n => n ?? "")];
    }

    /// <summary>What it watches.</summary>
    internal InformerOptions Options => _options;

    public string Name => ResourceType<T>.Plural;

    /// <summary>The objects as last heard of.</summary>
    public IResourceStore<T> Store => _store;

    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    public IReadOnlyList<string> Unsynced
    {
        get
        {
            lock (_gate)
                return [.. _unsynced.Order(StringComparer.Ordinal)];
        }
    }

    public bool HasSyncedIn(string? @namespace)
    {
        lock (_gate)
            return !_unsynced.Contains(PlaceOf(@namespace));
    }

    /// <summary>False while the server does not know an optional kind, or does not let it be listed somewhere.</summary>
    public bool IsServed
    {
        get
        {
            lock (_gate)
                return _unserved.Count == 0;
        }
    }

    /// <summary>Likewise, of one namespace: what we may do can differ.</summary>
    public bool IsServedIn(string? @namespace)
    {
        lock (_gate)
            return !_unserved.ContainsKey(PlaceOf(@namespace));
    }

    /// <summary>Why an optional kind may not be listed there, in the server's words; null where it may, or where it is not known at all.</summary>
    public string? RefusalIn(string? @namespace)
    {
        lock (_gate)
            return _unserved.GetValueOrDefault(PlaceOf(@namespace));
    }

    /// <summary>
    /// Calls the handler with every object there is, and then with each change, one at a time and in order. It must be quick (put a key in
    /// a queue) and may read the store, which is already changed.
    /// </summary>
    public void Subscribe(Action<ResourceChange<T>> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            foreach (var value in _store.List())
                Call(handler, new ResourceChange<T>(null, value));
            _handlers.Add(handler);
        }
    }

    /// <summary>Calls the handler when the server begins or ceases to serve the (optional) kind.</summary>
    public void SubscribeServed(Action<bool> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
            _servedHandlers.Add(handler);
    }

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _synced.Task.WaitAsync(cancellationToken);

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(_namespaces.Select(n =>
        new Reflector<T>(_client, this, n, _options, _time, _logger).RunAsync(cancellationToken)));

    void IReflectorSink<T>.Replace(string? @namespace, IReadOnlyList<T> items)
    {
        lock (_gate)
        {
            var present = items.Select(static i => i.Key()).ToHashSet();
            foreach (var gone in _store.List(@namespace).Where(o => !present.Contains(o.Key())))
                Remove(gone.Key());
            foreach (var item in items)
                Set(item, isListed: true);
            _unsynced.Remove(@namespace ?? "");
            _refused.Remove(@namespace ?? "");
            SettleSync();
        }
    }

    void IReflectorSink<T>.Refuse(string @namespace)
    {
        lock (_gate)
        {
            _refused.Add(@namespace);
            SettleSync();
        }
    }

    void IReflectorSink<T>.Apply(WatchEventType type, T value)
    {
        lock (_gate)
        {
            if (type == WatchEventType.Deleted)
                Remove(value.Key(), value);
            else
                Set(value, isListed: false);
        }
    }

    void IReflectorSink<T>.SetServed(string? @namespace, bool served, string? refusal)
    {
        var place = @namespace ?? "";
        lock (_gate)
        {
            var known = _unserved.TryGetValue(place, out var before);
            if (served)
                _unserved.Remove(place);
            else
                _unserved[place] = refusal;
            if (served == !known && (served || before == refusal))
                return;
            foreach (var handler in _servedHandlers)
                handler(_unserved.Count == 0);
        }
    }

    // Where every namespace refuses, it is not one that was forgotten.
    private void SettleSync()
    {
        if (_refused.Count < _namespaces.Count && _unsynced.IsSubsetOf(_refused))
            _synced.TrySetResult();
    }

    private string PlaceOf(string? @namespace) => _namespaces is [null] ? "" : @namespace ?? "";

    private void Set(T value, bool isListed)
    {
        var key = value.Key();
        if (_store.Get(key) is { } before && before.Metadata.Uid != value.Metadata.Uid)
            Remove(key);
        var old = _store.Set(key, value);

        // A list brings back what is known already: no change.
        if (old is null || old.Metadata.ResourceVersion != value.Metadata.ResourceVersion)
            Notify(new ResourceChange<T>(old, value, IsMissed: isListed && old is not null));
    }

    // The last state that the server sends with a deletion is newer than what is in the store; where there is none, nobody saw the end.
    private void Remove(NamespacedName key, T? last = null)
    {
        if (_store.Remove(key) is { } old)
            Notify(new ResourceChange<T>(last ?? old, null, IsMissed: last is null));
    }

    private void Notify(ResourceChange<T> change)
    {
        foreach (var handler in _handlers)
            Call(handler, change);
    }

    private void Call(Action<ResourceChange<T>> handler, ResourceChange<T> change)
    {
        try
        {
            handler(change);
        }
        catch (Exception e)
        {
            // One bad handler must not stop the others, nor the watch.
            Log.HandlerFailed(_logger, e, ResourceType<T>.Kind, change.Latest.Key());
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A handler of changes of {Kind} {Key} failed.")]
        public static partial void HandlerFailed(ILogger logger, Exception exception, string kind, NamespacedName key);
    }
}

/// <summary>An informer, whatever its kind.</summary>
public interface IResourceInformer
{
    /// <summary>The plural of the kind.</summary>
    string Name { get; }

    /// <summary>
    /// Whether everything was listed once (or the kind is optional and absent), but for namespaces that refuse to be listed beside others that don't.
    /// </summary>
    bool HasSynced { get; }

    /// <summary>Namespaces that were not listed yet; the empty one where all are listed as one.</summary>
    IReadOnlyList<string> Unsynced { get; }

    /// <summary>Whether that namespace was listed once.</summary>
    bool HasSyncedIn(string? @namespace);

    /// <summary>Completes once <see cref="HasSynced"/>.</summary>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Runs until it is cancelled.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
