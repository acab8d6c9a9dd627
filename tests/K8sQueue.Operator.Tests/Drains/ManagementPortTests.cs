using System.Globalization;
using System.Text.Json;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Resources.Pods;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Drains;

public sealed class ManagementPortTests
{
    [Fact]
    public void K8sQueues_own_workers_are_asked_on_the_port_that_they_are_told() =>
        Of("""{"name": "worker", "env": [{"name": "K8SQUEUE_MANAGEMENT_PORT", "value": "9090"}]}""").Should().Be(9090);

    [Fact]
    public void A_port_that_the_template_declares_comes_first() =>
        Of("""{"name": "worker", "ports": [{"name": "http", "containerPort": 80}, {"name": "management", "containerPort": 7}], "env": [{"name": "K8SQUEUE_MANAGEMENT_PORT", "value": "9090"}]}""")
            .Should().Be(7);

    [Fact]
    public void The_worker_is_the_container_of_that_name_or_else_the_first()
    {
        Of("""{"name": "proxy"}, {"name": "worker", "ports": [{"name": "management", "containerPort": 7}]}""").Should().Be(7);
        Of("""{"name": "app", "ports": [{"name": "management", "containerPort": 8}]}, {"name": "proxy"}""").Should().Be(8);
        Of("""{"name": "app"}, {"name": "proxy", "ports": [{"name": "management", "containerPort": 8}]}""").Should().BeNull();
    }

    [Theory]
    [InlineData("""{"name": "worker"}""")]
    [InlineData("""{"name": "worker", "ports": [{"name": "management"}]}""")]
    [InlineData("""{"name": "worker", "ports": [{"name": "management", "containerPort": "web"}]}""")]
    [InlineData("")]
    public void Others_have_none(string containers) => Of(containers).Should().BeNull();

    [Theory]
    [InlineData("""{"ports": [{"name": "management", "containerPort": 9000}]}""", "9000")]
    [InlineData("""{"ports": [{"name": "web", "containerPort": 80}], "env": [{"name": "K8SQUEUE_MANAGEMENT_PORT", "value": "9090"}]}""", "9090")]
    [InlineData("{}", "8081")]
    public void A_worker_serves_the_port_on_which_it_is_asked(string container, string port)
    {
        var pool = Samples.Pool(change: spec =>
            spec.Template.Spec.Containers[0].Other = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(container));

        var template = PodTemplateBuilder.Build(pool, "r", []);

        ManagementPort.Of(template)!.Value.ToString(CultureInfo.InvariantCulture).Should().Be(port);
        var built = template["spec"]!["containers"]![0]!;
        built["env"]!.AsArray().Single(item => (string?)item!["name"] == "K8SQUEUE_MANAGEMENT_PORT")!["value"]!.ToString().Should().Be(port);
        built["livenessProbe"]!["httpGet"]!["port"]!.ToString().Should().Be(port);
    }

    [Fact]
    public void A_pool_is_served_by_its_queue_or_by_a_declared_port()
    {
        ManagementPort.IsServedBy(Samples.Pool().Spec).Should().BeTrue();
        ManagementPort.IsServedBy(Samples.Pool(change: spec => spec.Queues = [Samples.RawQueue("orders")]).Spec).Should().BeFalse();
    }

    private static int? Of(string containers) => ManagementPort.Of(Samples.Json($$"""{"spec": {"containers": [{{containers}}]} }"""));
}
