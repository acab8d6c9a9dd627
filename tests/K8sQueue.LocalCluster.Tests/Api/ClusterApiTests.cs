using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tests.Api;

public sealed class ClusterApiTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    private IClusterApi Api => _cluster.Api;

    [Fact]
    public void A_created_object_gets_its_identity_and_its_defaults()
    {
        var created = Api.Create(GroupResource.Deployments, Samples.Deployment("web"));

        created.Uid().Should().NotBeEmpty();
        created.ResourceVersion().Should().NotBeEmpty();
        created.NumberAt("metadata", "generation").Should().Be(1);
        created.NumberAt("spec", "replicas").Should().Be(1);
        created.TextAt("spec", "strategy", "rollingUpdate", "maxSurge").Should().Be("25%");
        created.NumberAt("spec", "template", "spec", "terminationGracePeriodSeconds").Should().Be(30);
        JsonNode.DeepEquals(Api.Get(GroupResource.Deployments, "default", "web"), created).Should().BeTrue();
    }

    [Fact]
    public void A_name_is_taken_once()
    {
        Api.Create(GroupResource.Pods, Samples.Pod("a"));

        var second = () => Api.Create(GroupResource.Pods, Samples.Pod("a"));

        second.Should().Throw<ClusterApiException>().WithMessage("pods \"a\" already exists").Which.Code.Should().Be(409);
    }

    [Fact]
    public void A_change_of_the_spec_raises_the_generation_and_one_of_the_status_does_not()
    {
        Api.Create(GroupResource.Deployments, Samples.Deployment("web"));

        var scaled = Api.Modify(GroupResource.Deployments, "default", "web", d => Set(d, ["spec"], "replicas", 3))!;
        var observed = Api.Modify(GroupResource.Deployments, "default", "web", d => Set(d, ["status"], "replicas", 3), "status")!;

        scaled.NumberAt("metadata", "generation").Should().Be(2);
        observed.NumberAt("metadata", "generation").Should().Be(2);
        observed.NumberAt("status", "replicas").Should().Be(3);
    }

    [Fact]
    public void The_main_resource_does_not_write_the_status_nor_the_status_the_spec()
    {
        Api.Create(GroupResource.Deployments, Samples.Deployment("web"));

        var main = Api.Modify(GroupResource.Deployments, "default", "web", d => Set(d, ["status"], "replicas", 9))!;
        var status = Api.Modify(GroupResource.Deployments, "default", "web", d => Set(d, ["spec"], "replicas", 9), "status")!;

        main.At("status", "replicas").Should().BeNull();
        status.NumberAt("spec", "replicas").Should().Be(1);
    }

    [Fact]
    public void A_write_that_changes_nothing_keeps_the_version()
    {
        var created = Api.Create(GroupResource.Deployments, Samples.Deployment("web"));

        var same = Api.Modify(GroupResource.Deployments, "default", "web", d => Set(d, ["spec"], "replicas", 1))!;

        same.ResourceVersion().Should().Be(created.ResourceVersion());
    }

    [Fact]
    public void A_bound_pod_goes_in_two_steps()
    {
        Api.Create(GroupResource.Pods, Samples.Pod("a"));
        Api.Modify(GroupResource.Pods, "default", "a", p => Set(p, ["spec"], "nodeName", "local"));

        Api.Delete(GroupResource.Pods, "default", "a").Should().BeTrue();
        var terminating = Api.Get(GroupResource.Pods, "default", "a")!;
        Api.Delete(GroupResource.Pods, "default", "a", gracePeriodSeconds: 0).Should().BeTrue();

        terminating.IsDeleting().Should().BeTrue();
        terminating.NumberAt("metadata", "deletionGracePeriodSeconds").Should().Be(30);
        Api.Get(GroupResource.Pods, "default", "a").Should().BeNull();
    }

    [Fact]
    public void A_pod_that_no_node_has_goes_at_once()
    {
        Api.Create(GroupResource.Pods, Samples.Pod("a"));

        Api.Delete(GroupResource.Pods, "default", "a").Should().BeTrue();

        Api.Get(GroupResource.Pods, "default", "a").Should().BeNull();
    }

    [Fact]
    public void An_object_with_finalizers_goes_with_the_last_of_them()
    {
        var map = Samples.ConfigMap("a");
        map.SetFinalizers(["example.com/hold"]);
        Api.Create(GroupResource.ConfigMaps, map);

        Api.Delete(GroupResource.ConfigMaps, "default", "a");
        Api.Get(GroupResource.ConfigMaps, "default", "a")!.IsDeleting().Should().BeTrue();
        Api.Modify(GroupResource.ConfigMaps, "default", "a", m =>
        {
            m.SetFinalizers([]);
            return true;
        });

        Api.Get(GroupResource.ConfigMaps, "default", "a").Should().BeNull();
    }

    [Fact]
    public void A_deletion_meant_for_another_object_of_the_name_is_refused()
    {
        Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("a"));

        Api.Delete(GroupResource.ConfigMaps, "default", "a", uid: "another").Should().BeFalse();

        Api.Get(GroupResource.ConfigMaps, "default", "a").Should().NotBeNull();
    }

    [Fact]
    public async Task A_watch_shows_what_is_there_and_then_every_change_in_order()
    {
        Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("a"));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var seen = new List<string>();

        await foreach (var change in Api.WatchAsync(GroupResource.ConfigMaps, limit.Token))
        {
            seen.Add($"{change.Type} {change.Object.Name()}");
            if (seen.Count == 1)
            {
                Api.Create(GroupResource.ConfigMaps, Samples.ConfigMap("b"));
                Api.Modify(GroupResource.ConfigMaps, "default", "b", m => Set(m, ["data"], "a", "2"));
                Api.Delete(GroupResource.ConfigMaps, "default", "a");
            }

            if (seen.Count == 4)
                break;
        }

        seen.Should().Equal("ADDED a", "ADDED b", "MODIFIED b", "DELETED a");
    }

    public void Dispose() => _cluster.Dispose();

    private static bool Set(JsonObject value, string[] path, string name, JsonNode node)
    {
        value.Need(path)[name] = node;
        return true;
    }
}
