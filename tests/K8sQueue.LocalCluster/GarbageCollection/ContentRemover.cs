using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.BuiltIns;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Operations;
using K8sQueue.LocalCluster.Resources;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.GarbageCollection;

/// <summary>Empties namespaces and definitions that are being deleted, and lets them go once they are empty.</summary>
internal sealed class ContentRemover(ObjectStore store, ResourceCatalog catalog, ObjectUpdater updater, ObjectDeleter deleter)
{
    private static readonly WriteOptions Writer = new()
    {
        Manager = "namespace-controller",
        Trusted = true,
        FieldValidation = FieldValidation.Ignore,
    };

    private static readonly WriteOptions Finalizer = Writer with { Subresource = "finalize" };

    public void OnDeleting(StoredObject stored)
    {
        const string CleanUp = DefinitionStrategy.CleanUpFinalizer;
        void Release(WriteOptions options, Action<JsonObject> change) => Modify(store, catalog, updater, stored, options, change);
        if (stored.Resource == GroupResource.Namespaces)
            Empty(stored, In(stored.Name), () => Release(Finalizer, v => v.Need("spec").Remove("finalizers")));
        else if (stored.Resource == GroupResource.CustomResourceDefinitions && stored.Value.Finalizers().Contains(CleanUp))
            Empty(stored, Of(stored), () => Release(Writer, v => v.SetFinalizers(v.Finalizers().Where(f => f != CleanUp))));
    }

    /// <summary>The last object of a namespace or a definition may be what that waits for.</summary>
    public void OnDeleted(StoredObject gone)
    {
        if (gone.Namespace is { } name && store.Get(GroupResource.Namespaces, ObjectKey.Of(null, name)) is { } space && space.Value.IsDeleting())
            OnDeleting(space);
        var definition = store.Get(
            GroupResource.CustomResourceDefinitions, ObjectKey.Of(null, $"{gone.Resource.Plural}.{gone.Resource.Group}"));
        if (definition is not null && definition.Value.IsDeleting())
            OnDeleting(definition);
    }

    /// <summary>Changes an object as it is now; nothing where it is gone, or another.</summary>
    public static void Modify(
        ObjectStore store, ResourceCatalog catalog, ObjectUpdater updater, StoredObject seen, WriteOptions options, Action<JsonObject> change)
    {
        var endpoint = catalog.Need(seen.Resource);
        while (store.Get(seen.Resource, ObjectKey.Of(seen.Namespace, seen.Name)) is { } stored && stored.Value.Uid() == seen.Value.Uid())
        {
            var value = ObjectReader.Copy(endpoint, stored);
            change(value);
            if (updater.TryWrite(endpoint, stored, value, options) is not null)
                return;
        }
    }

    private void Empty(StoredObject container, List<StoredObject> content, Action release)
    {
        foreach (var item in content.Where(c => !c.Value.IsDeleting()))
        {
            deleter.Delete(catalog.Need(item.Resource), item.Namespace, item.Name, new DeleteOptions { Uid = item.Value.Uid() });
        }

        if (!content.Exists(c => store.Get(c.Resource, ObjectKey.Of(c.Namespace, c.Name)) is not null)
            && store.Get(container.Resource, ObjectKey.Of(container.Namespace, container.Name)) is not null)
            release();
    }

    private List<StoredObject> In(string @namespace) =>
        [.. store.Resources.SelectMany(r => store.Snapshot(r).Objects.In(@namespace))];

    private List<StoredObject> Of(StoredObject definition)
    {
        var resource = new GroupResource(definition.Value.TextAt("spec", "group")!, definition.Value.TextAt("spec", "names", "plural")!);
        return [.. store.Snapshot(resource).Objects.Values];
    }
}
