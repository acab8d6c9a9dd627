using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Tests.Http;
using K8sQueue.Testing;

namespace K8sQueue.LocalCluster.Tests.GarbageCollection;

public sealed class GarbageCollectorTests : IAsyncLifetime
{
    private HttpCluster _cluster = null!;

    private IClusterApi Api => _cluster.Api;

    public async Task InitializeAsync() => _cluster = await HttpCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_dependent_goes_after_its_last_owner()
    {
        var (a, b) = (Create("a"), Create("b"));
        Create("child", a, b);

        Api.Delete(GroupResource.ConfigMaps, "default", "a");
        await Eventually.IsTrue(() => Find("child")!.OwnerReferences().Count() == 1);
        Api.Delete(GroupResource.ConfigMaps, "default", "b");

        await Eventually.IsTrue(() => Find("child") is null);
    }

    [Fact]
    public async Task A_dependent_of_an_owner_that_never_was_goes()
    {
        var ghost = Samples.ConfigMap("ghost");
        ghost.Metadata()["uid"] = "no-such-uid";

        Create("child", ghost);

        await Eventually.IsTrue(() => Find("child") is null);
    }

    [Fact]
    public async Task A_foreground_deletion_ends_with_the_owner()
    {
        var owner = Create("owner");
        Create("child", ["example.com/hold"], owner);

        await DeleteAsync("owner", "Foreground");
        await Eventually.IsTrue(() => Find("child")!.IsDeleting());
        Find("owner")!.Finalizers().Should().Equal("foregroundDeletion");
        Release("child");

        await Eventually.IsTrue(() => Find("child") is null && Find("owner") is null);
    }

    [Fact]
    public async Task An_orphaning_deletion_leaves_the_dependents()
    {
        var owner = Create("owner");
        Create("child", owner);

        await DeleteAsync("owner", "Orphan");
        await Eventually.IsTrue(() => Find("owner") is null);

        Find("child")!.OwnerReferences().Should().BeEmpty();
    }

    private JsonObject? Find(string name) => Api.Get(GroupResource.ConfigMaps, "default", name);

    private JsonObject Create(string name, params JsonObject[] owners) => Create(name, [], owners);

    private JsonObject Create(string name, string[] finalizers, params JsonObject[] owners)
    {
        var map = Samples.ConfigMap(name);
        map.SetFinalizers(finalizers);
        map.Metadata()["ownerReferences"] = new JsonArray([.. owners.Select(o => (JsonNode)new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["name"] = o.Name(),
            ["uid"] = o.Uid(),
            ["blockOwnerDeletion"] = true,
        })]);
        return Api.Create(GroupResource.ConfigMaps, map);
    }

    private async Task DeleteAsync(string name, string policy) => await _cluster.SendAsync(
        HttpMethod.Delete, $"/api/v1/namespaces/default/configmaps/{name}", $$"""{"propagationPolicy":"{{policy}}"}""");

    private void Release(string name) => Api.Modify(GroupResource.ConfigMaps, "default", name, m =>
    {
        m.SetFinalizers([]);
        return true;
    });
}
