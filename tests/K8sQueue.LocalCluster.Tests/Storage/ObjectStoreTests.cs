using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Storage;

namespace K8sQueue.LocalCluster.Tests.Storage;

public sealed class ObjectStoreTests
{
    [Fact]
    public void Large_objects_leave_fewer_past_events()
    {
        var store = new ObjectStore(eventNodes: 100);
        var first = store.TryAdd(GroupResource.ConfigMaps, Map("first", keys: 20))!;
        var second = store.TryAdd(GroupResource.ConfigMaps, Map("second", keys: 20))!;
        store.TrySubscribe(GroupResource.ConfigMaps, first.Version).Should().NotBeNull();

        store.TryAdd(GroupResource.ConfigMaps, Map("third", keys: 90));

        store.TrySubscribe(GroupResource.ConfigMaps, first.Version).Should().BeNull();
        store.TrySubscribe(GroupResource.ConfigMaps, second.Version).Should().NotBeNull();
    }

    [Fact]
    public void The_last_event_is_kept_however_large_it_is()
    {
        var store = new ObjectStore(eventNodes: 100);
        var first = store.TryAdd(GroupResource.ConfigMaps, Map("first", keys: 1))!;

        store.TryAdd(GroupResource.ConfigMaps, Map("second", keys: 200));

        using var changes = store.TrySubscribe(GroupResource.ConfigMaps, first.Version);
        changes!.Changes.TryRead(out var change).Should().BeTrue();
        change!.Object.Name.Should().Be("second");
    }

    [Fact]
    public void A_namespace_is_listed_by_name_and_all_of_them_by_namespace_then_name()
    {
        var store = new ObjectStore();
        foreach (var (@namespace, name) in (IEnumerable<(string, string)>)[("b", "x"), ("a", "z"), ("a", "y")])
            store.TryAdd(GroupResource.ConfigMaps, Map(name, keys: 1, @namespace));

        var objects = store.Snapshot(GroupResource.ConfigMaps).Objects;

        objects.In("a").Select(item => item.Name).Should().Equal("y", "z");
        objects.In(null).Select(item => $"{item.Namespace}/{item.Name}").Should().Equal("a/y", "a/z", "b/x");
        objects.In("c").Should().BeEmpty();
    }

    [Fact]
    public void What_is_removed_is_in_no_namespace_any_more()
    {
        var store = new ObjectStore();
        var stored = store.TryAdd(GroupResource.ConfigMaps, Map("x", keys: 1))!;

        store.TryRemove(stored);

        store.Get(GroupResource.ConfigMaps, ObjectKey.Of("a", "x")).Should().BeNull();
        store.Resources.Should().BeEmpty();
    }

    private static JsonObject Map(string name, int keys, string @namespace = "a")
    {
        var data = new JsonObject();
        for (var i = 0; i < keys; i++)
            data[$"key{i}"] = "value";
        return new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace }, ["data"] = data };
    }
}
