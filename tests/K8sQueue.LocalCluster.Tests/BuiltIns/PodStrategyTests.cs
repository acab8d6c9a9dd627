using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tests.BuiltIns;

public sealed class PodStrategyTests : IDisposable
{
    private readonly TestCluster _cluster = new();

    private IClusterApi Api => _cluster.Api;

    [Fact]
    public void A_gated_pod_says_so_and_can_not_be_bound()
    {
        var pod = Api.Create(GroupResource.Pods, Gated("p"));

        var bind = () => Change(p => p["nodeName"] = "local");

        pod.ListAt("status", "conditions")!.Single().TextAt("reason").Should().Be("SchedulingGated");
        bind.Should().Throw<ClusterApiException>().WithMessage("*cannot be set until all schedulingGates have been cleared*");
    }

    [Fact]
    public void Gates_can_be_removed_but_not_added()
    {
        Api.Create(GroupResource.Pods, Gated("p"));

        Change(p => p.Remove("schedulingGates"));
        var add = () => Change(p => p["schedulingGates"] = new JsonArray(new JsonObject { ["name"] = "example.com/again" }));

        add.Should().Throw<ClusterApiException>().WithMessage("*only deletion is allowed, but found new scheduling gate 'example.com/again'*");
        Api.Get(GroupResource.Pods, "default", "p").ListAt("spec", "schedulingGates").Should().BeNull();
    }

    [Fact]
    public void Only_the_image_of_a_container_changes()
    {
        Api.Create(GroupResource.Pods, Samples.Pod("p"));

        Change(p => ((JsonObject)p.ListAt("containers")![0]!)["image"] = "busybox:2");
        var command = () => Change(p => ((JsonObject)p.ListAt("containers")![0]!)["command"] = new JsonArray("sh"));

        command.Should().Throw<ClusterApiException>().WithMessage("Pod \"p\" is invalid: spec: Forbidden: pod updates may not change fields*");
    }

    [Theory]
    [InlineData("""{"containers":[]}""", "spec.containers: Required value")]
    [InlineData("""{"containers":[{"name":"a"}]}""", "spec.containers[0].image: Required value")]
    [InlineData("""{"containers":[{"image":"i"}]}""", "spec.containers[0].name: Required value")]
    [InlineData("""{"containers":[{"name":"A","image":"i"}]}""", "spec.containers[0].name: Invalid value: \"A\"")]
    [InlineData("""{"containers":[{"name":"a","image":"i","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}""",
        "spec.containers[0].volumeMounts[0].name: Not found: \"v\"")]
    [InlineData("""{"restartPolicy":"Sometimes","containers":[{"name":"a","image":"i"}]}""",
        "spec.restartPolicy: Unsupported value: \"Sometimes\": supported values: \"Always\", \"OnFailure\", \"Never\"")]
    public void A_pod_that_can_not_run_is_invalid(string spec, string message)
    {
        var pod = Samples.Pod("p");
        pod["spec"] = JsonNode.Parse(spec);

        var create = () => Api.Create(GroupResource.Pods, pod);

        create.Should().Throw<ClusterApiException>().Which.Message.Should().Contain(message);
    }

    public void Dispose() => _cluster.Dispose();

    private void Change(Action<JsonObject> change) => Api.Modify(GroupResource.Pods, "default", "p", p =>
    {
        change(p.MapAt("spec")!);
        return true;
    });

    private static JsonObject Gated(string name)
    {
        var pod = Samples.Pod(name);
        pod.MapAt("spec")!["schedulingGates"] = new JsonArray(new JsonObject { ["name"] = "example.com/gate" });
        return pod;
    }
}
