using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Operations;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Selectors;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Api;

/// <summary><see cref="IClusterApi"/> over the same operations that HTTP uses.</summary>
internal sealed class ClusterApi(
    ObjectStore store, ResourceCatalog catalog, ObjectReader reader, ObjectCreator creator, ObjectUpdater updater, ObjectDeleter deleter)
    : IClusterApi
{
    private const string Manager = "localcluster";

    public JsonObject? Get(GroupResource resource, string? @namespace, string name) =>
        Served(resource) is { } endpoint && reader.Find(endpoint, @namespace, name) is { } found ? ObjectReader.Copy(endpoint, found) : null;

    public IReadOnlyList<JsonObject> List(GroupResource resource, string? @namespace = null, string? labelSelector = null)
    {
        if (Served(resource) is not { } endpoint)
            return [];
        var selector = LabelSelector.Parse(labelSelector);
        return [.. store.Snapshot(endpoint.Type.StoredAs).Objects.In(@namespace)
            .Where(o => selector.Matches(o.Value.MapAt("metadata", "labels")))
            .Select(o => endpoint.FromStorage(o.Value))];
    }

    public JsonObject Create(GroupResource resource, JsonObject value) =>
        creator.Create(catalog.Need(resource), null, value.Copy(), Options(null)).Copy();

    public JsonObject? Modify(
        GroupResource resource, string? @namespace, string name, Func<JsonObject, bool> change, string? subresource = null)
    {
        if (Served(resource) is not { } endpoint)
            return null;
        while (reader.Find(endpoint, @namespace, name) is { } stored)
        {
            var value = ObjectReader.Copy(endpoint, stored);
            if (!change(value))
                return value;
            if (updater.TryWrite(endpoint, stored, value, Options(subresource)) is { } written)
                return written.Copy();
        }

        return null;
    }

    public bool Delete(GroupResource resource, string? @namespace, string name, string? uid = null, long? gracePeriodSeconds = null)
    {
        if (Served(resource) is not { } endpoint || reader.Find(endpoint, @namespace, name) is null)
            return false;
        try
        {
            deleter.Delete(endpoint, @namespace, name, new DeleteOptions { Uid = uid, GracePeriodSeconds = gracePeriodSeconds });
            return true;
        }
        catch (ClusterApiException e) when (e.Code == 404 || (e.Code == 409 && uid is not null))
        {
            return false;
        }
    }

    public async IAsyncEnumerable<ClusterEvent> WatchAsync(
        GroupResource resource, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (snapshot, changes) = store.SubscribeFromNow(resource, bounded: false);
        using (changes)
        {
            foreach (var stored in snapshot.Objects.Values)
                yield return new ClusterEvent("ADDED", stored.Value);
            while (await changes.Changes.WaitToReadAsync(cancellationToken).ConfigureAwait(false))
            {
                while (changes.Changes.TryRead(out var change))
                    yield return new ClusterEvent(EventNames.Of(change.Type), change.Object.Value);
            }
        }
    }

    private static WriteOptions Options(string? subresource) => new()
    {
        Manager = Manager,
        Subresource = subresource,
        Trusted = true,
        FieldValidation = FieldValidation.Strict,
    };

    private ResourceEndpoint? Served(GroupResource resource) => catalog.Find(resource)?.Preferred;
}
