using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Storage;

/// <summary>All objects of one resource at one version.</summary>
internal sealed record StoreSnapshot(ObjectTable Objects, long Version);

/// <summary>
/// The objects in memory, one counter of versions over all of them, and the last events, from which watches resume. Writes go one at a
/// time; reads see immutable snapshots.
/// </summary>
/// <param name="eventCapacity">How many events are kept.</param>
/// <param name="eventNodes">Of how many JSON nodes in all.</param>
/// <param name="firstVersion">Where the counter starts: later than any version of a server before, so that its clients get 410.</param>
internal sealed class ObjectStore(
    int eventCapacity = ObjectStore.DefaultEventCapacity, long firstVersion = 1, int eventNodes = ObjectStore.DefaultEventNodes)
{
    public const int DefaultEventCapacity = 20_000;
    public const int DefaultEventNodes = 1_000_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<GroupResource, ObjectTable> _objects = [];
    private readonly EventLog _log = new(eventCapacity, eventNodes, firstVersion);
    private readonly List<StoreSubscription> _subscriptions = [];
    private long _version = firstVersion;

    public long Version
    {
        get
        {
            lock (_gate)
                return _version;
        }
    }

    /// <summary>Events up to and with this version are forgotten.</summary>
    public long CompactedVersion
    {
        get
        {
            lock (_gate)
                return _log.CompactedVersion;
        }
    }

    public IReadOnlyList<GroupResource> Resources
    {
        get
        {
            lock (_gate)
                return [.. _objects.Where(o => !o.Value.IsEmpty).Select(o => o.Key)];
        }
    }

    public StoreSnapshot Snapshot(GroupResource resource)
    {
        lock (_gate)
            return new StoreSnapshot(Objects(resource), _version);
    }

    public StoredObject? Get(GroupResource resource, ObjectKey key)
    {
        lock (_gate)
            return Objects(resource).Get(key);
    }

    /// <summary>Adds; null where the name is taken. The store owns the tree from here on.</summary>
    public StoredObject? TryAdd(GroupResource resource, JsonObject value)
    {
        RequestSize.Ensure(value);
        lock (_gate)
        {
            var key = ObjectKey.Of(value.Namespace(), value.Name());
            return Objects(resource).Get(key) is null ? Commit(resource, key, value, null) : null;
        }
    }

    /// <summary>Replaces; null where the present revision is not the expected one.</summary>
    public StoredObject? TryReplace(StoredObject expected, JsonObject value)
    {
        RequestSize.Ensure(value);
        lock (_gate)
        {
            var key = ObjectKey.Of(expected.Namespace, expected.Name);
            return ReferenceEquals(Objects(expected.Resource).Get(key), expected)
                ? Commit(expected.Resource, key, value, expected)
                : null;
        }
    }

    /// <summary>Removes; null where the present revision is not the expected one. Returns the last state, with the deletion's version.</summary>
    /// <param name="last">The state to show to watchers where it is not the stored one.</param>
    public StoredObject? TryRemove(StoredObject expected, JsonObject? last = null)
    {
        lock (_gate)
        {
            var key = ObjectKey.Of(expected.Namespace, expected.Name);
            var objects = Objects(expected.Resource);
            if (!ReferenceEquals(objects.Get(key), expected))
                return null;
            _objects[expected.Resource] = objects.Without(key);
            var gone = Stamp(expected.Resource, last ?? expected.Value.Copy());
            Publish(new StoreEvent(StoreEventType.Deleted, gone, expected));
            return gone;
        }
    }

    /// <summary>Follows the changes after a version; null where those are forgotten, or the version is not reached yet.</summary>
    public StoreSubscription? TrySubscribe(GroupResource? resource, long afterVersion)
    {
        lock (_gate)
        {
            if (afterVersion < _log.CompactedVersion || afterVersion > _version)
                return null;
            return Attach(resource, afterVersion, bounded: true);
        }
    }

    /// <summary>A snapshot and every change after it, without a gap.</summary>
    /// <param name="bounded">Whether a reader that falls behind is cut off.</param>
    public (StoreSnapshot Snapshot, StoreSubscription Changes) SubscribeFromNow(GroupResource resource, bool bounded)
    {
        lock (_gate)
            return (new StoreSnapshot(Objects(resource), _version), Attach(resource, _version, bounded));
    }

    /// <summary>Every change of every resource from now on.</summary>
    public StoreSubscription SubscribeToAll()
    {
        lock (_gate)
            return Attach(null, _version, bounded: false);
    }

    /// <summary>Forgets all past events, as a compaction of etcd does: older watches and continue tokens get 410.</summary>
    public void Compact()
    {
        lock (_gate)
            _log.Clear(_version);
    }

    internal void Detach(StoreSubscription subscription)
    {
        lock (_gate)
            _subscriptions.Remove(subscription);
    }

    private StoreSubscription Attach(GroupResource? resource, long afterVersion, bool bounded)
    {
        var subscription = new StoreSubscription(this, resource, bounded ? _log.Capacity * 2 : null);
        foreach (var change in _log.After(afterVersion))
            subscription.Offer(change);
        _subscriptions.Add(subscription);
        return subscription;
    }

    private ObjectTable Objects(GroupResource resource) => _objects.GetValueOrDefault(resource, ObjectTable.Empty);

    private StoredObject Commit(GroupResource resource, ObjectKey key, JsonObject value, StoredObject? previous)
    {
        var stored = Stamp(resource, value);
        _objects[resource] = Objects(resource).With(key, stored);
        Publish(new StoreEvent(previous is null ? StoreEventType.Added : StoreEventType.Modified, stored, previous));
        return stored;
    }

    private StoredObject Stamp(GroupResource resource, JsonObject value)
    {
        _version++;
        value.Metadata()["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture);
        return new StoredObject(resource, value, _version);
    }

    private void Publish(StoreEvent change)
    {
        _log.Add(change);
        for (var i = _subscriptions.Count - 1; i >= 0; i--)
        {
            if (!_subscriptions[i].Offer(change))
                _subscriptions.RemoveAt(i);
        }
    }
}
