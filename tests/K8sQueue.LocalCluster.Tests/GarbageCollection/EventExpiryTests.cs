using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.GarbageCollection;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Storage;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.LocalCluster.Tests.GarbageCollection;

public sealed class EventExpiryTests
{
    [Fact]
    public void An_event_goes_an_hour_after_it_was_last_seen()
    {
        var time = new ManualTimeProvider();
        using var cluster = new TestCluster(services => services.AddSingleton<TimeProvider>(time));
        Create(cluster, "old");
        time.Advance(TimeSpan.FromMinutes(50));
        Create(cluster, "new");
        time.Advance(TimeSpan.FromMinutes(11));

        new EventExpiry(cluster.Get<ObjectStore>(), time).Expire();

        cluster.Api.List(GroupResource.Events).Select(e => e.Name()).Should().Equal("new");
    }

    private static void Create(TestCluster cluster, string name) => cluster.Api.Create(GroupResource.Events, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" },
        ["reason"] = "Test",
    });
}
