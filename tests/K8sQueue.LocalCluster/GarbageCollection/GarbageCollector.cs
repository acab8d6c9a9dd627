using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Operations;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.GarbageCollection;

/// <summary>
/// Deletes what has lost all its owners, and carries out foreground and orphaning deletions. Namespaces take their content with them,
/// definitions their objects.
/// </summary>
internal sealed partial class GarbageCollector(
    ObjectStore store, ResourceCatalog catalog, ObjectUpdater updater, ObjectDeleter deleter, ILogger<GarbageCollector> logger)
    : BackgroundService
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";
    private static readonly WriteOptions Writer = new() { Manager = "garbage-collector", Trusted = true, FieldValidation = FieldValidation.Ignore };

    private readonly OwnerGraph _graph = new();
    private readonly ContentRemover _content = new(store, catalog, updater, deleter);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = store.SubscribeToAll();
        foreach (var stored in store.Resources.SelectMany(r => store.Snapshot(r).Objects.Values).ToList())
            Guarded(() => OnPresent(stored), stored);
        while (await changes.Changes.WaitToReadAsync(stoppingToken))
        {
            while (changes.Changes.TryRead(out var change))
                Guarded(() => OnChange(change), change.Object);
        }
    }

    private void OnPresent(StoredObject stored)
    {
        _graph.Add(stored);
        Examine(stored);
    }

    private void OnChange(StoreEvent change)
    {
        _graph.Apply(change);
        if (change.Type != StoreEventType.Deleted)
        {
            Examine(change.Object);
            return;
        }

        foreach (var dependent in _graph.Dependents(change.Object.Value.Uid()))
            Examine(dependent);
        foreach (var owner in change.Object.Value.OwnerReferences())
        {
            if (OwnerOf(change.Object, owner) is { } waiting)
                Examine(waiting);
        }

        _content.OnDeleted(change.Object);
    }

    private void Examine(ObjectAddress address)
    {
        if (store.Get(address.Resource, ObjectKey.Of(address.Namespace, address.Name)) is { } stored)
            Examine(stored);
    }

    private void Examine(StoredObject seen)
    {
        if (store.Get(seen.Resource, ObjectKey.Of(seen.Namespace, seen.Name)) is not { } stored || stored.Value.Uid() != seen.Value.Uid())
            return;
        if (stored.Value.IsDeleting())
            Finish(stored);
        else if (stored.Value.OwnerReferences().Any())
            CheckOwners(stored);
    }

    private void CheckOwners(StoredObject stored)
    {
        var owners = stored.Value.OwnerReferences().ToLookup(o => OwnerOf(stored, o) is not null);
        if (!owners[false].Any())
            return;
        if (!owners[true].Any())
        {
            Log.Collecting(logger, ApiErrors.Qualified(stored.Resource), stored.Namespace, stored.Name);
            Delete(stored, Propagation.Background);
            return;
        }

        var absent = owners[false].Select(o => o.TextAt("uid")).ToHashSet();
        Modify(stored, value => RemoveOwners(value, absent));
    }

    /// <summary>What an object that is being deleted waits for on our side.</summary>
    private void Finish(StoredObject stored)
    {
        var finalizers = stored.Value.Finalizers();
        var uid = stored.Value.Uid();
        if (finalizers.Contains(Orphan))
        {
            foreach (var dependent in Dependents(uid))
                Modify(dependent, value => RemoveOwners(value, new HashSet<string?> { uid }));
            Modify(stored, value => value.SetFinalizers(value.Finalizers().Where(f => f != Orphan)));
        }
        else if (finalizers.Contains(Foreground))
        {
            var dependents = Dependents(uid).ToList();
            foreach (var dependent in dependents.Where(d => !d.Value.IsDeleting()))
                Delete(dependent, Propagation.Foreground);
            var blocking = Dependents(uid).Any(d => d.Value.OwnerReferences().Any(o => o.TextAt("uid") == uid && o.FlagAt("blockOwnerDeletion")));
            if (!blocking)
                Modify(stored, value => value.SetFinalizers(value.Finalizers().Where(f => f != Foreground)));
        }

        _content.OnDeleting(stored);
    }

    private IEnumerable<StoredObject> Dependents(string uid) => _graph.Dependents(uid)
        .Select(a => store.Get(a.Resource, ObjectKey.Of(a.Namespace, a.Name)))
        .OfType<StoredObject>();

    /// <summary>The owner, if it is there: in the dependent's namespace or cluster-wide, with that UID.</summary>
    private StoredObject? OwnerOf(StoredObject dependent, JsonObject reference)
    {
        var apiVersion = reference.TextAt("apiVersion") ?? "";
        var group = apiVersion.Contains('/') ? apiVersion.Split('/')[0] : "";
        var type = catalog.All.FirstOrDefault(t => t.Resource.Group == group && t.Kind == reference.TextAt("kind"));
        if (type is null)
            return null;
        var owner = store.Get(type.StoredAs, ObjectKey.Of(type.Namespaced ? dependent.Namespace : null, reference.TextAt("name") ?? ""));
        return owner?.Value.Uid() == reference.TextAt("uid") ? owner : null;
    }

    private static void RemoveOwners(JsonObject value, HashSet<string?> uids)
    {
        value.ListAt("metadata", "ownerReferences")?.RemoveAll(o => uids.Contains(o.TextAt("uid")));
        if (value.ListAt("metadata", "ownerReferences") is { Count: 0 })
            value.Metadata().Remove("ownerReferences");
    }

    private void Delete(StoredObject stored, Propagation propagation)
    {
        var options = new DeleteOptions { Uid = stored.Value.Uid(), Propagation = propagation };
        deleter.Delete(catalog.Need(stored.Resource), stored.Namespace, stored.Name, options);
    }

    private void Modify(StoredObject stored, Action<JsonObject> change) =>
        ContentRemover.Modify(store, catalog, updater, stored, Writer, change);

    private void Guarded(Action action, StoredObject about)
    {
        try
        {
            action();
        }
        catch (ClusterApiException e) when (e.Code is 404 or 409)
        {
            // Somebody else changed or deleted it meanwhile: that change comes here too.
            Log.Overtaken(logger, about.Name, e.Message);
        }
        catch (ClusterApiException e)
        {
            Log.Refused(logger, ApiErrors.Qualified(about.Resource), about.Name, e.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Collecting {Resource} {Namespace}/{Name}: its owners are gone")]
        public static partial void Collecting(ILogger logger, string resource, string? @namespace, string name);

        [LoggerMessage(2, LogLevel.Debug, "{Name}: overtaken: {Message}")]
        public static partial void Overtaken(ILogger logger, string name, string message);

        [LoggerMessage(3, LogLevel.Warning, "{Resource} {Name} could not be collected: {Message}")]
        public static partial void Refused(ILogger logger, string resource, string name, string message);
    }
}
