using System.Text.Json.Nodes;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.Chart.Tests;

/// <summary>What single values do to pods.</summary>
public sealed class PodTests
{
    [Fact]
    public async Task The_API_is_ready_from_the_first_answer_of_its_Redis_on_and_lives_without_one()
    {
        var container = Rendered.Containers(await SpecAsync("k8squeue-api", "api: {enabled: true, redis: {address: 'r:6379'}}")).Single();

        container.ValueAt("readinessProbe", "httpGet", "path").Should().Be("/readyz?once=true");
        container.ValueAt("livenessProbe", "httpGet", "path").Should().Be("/healthz");
        container.ValueAt("startupProbe", "httpGet", "path").Should().Be("/healthz");
    }

    [Fact]
    public async Task The_API_has_as_long_to_end_as_the_values_say()
    {
        var spec = await SpecAsync("k8squeue-api", "api: {enabled: true, redis: {address: 'r:6379'}, terminationGracePeriodSeconds: 3620}");

        spec.ValueAt("terminationGracePeriodSeconds").Should().Be("3620");
    }

    [Theory]
    [InlineData("k8squeue-operator", "operator: {VOLUMES}")]
    [InlineData("k8squeue-api", "api: {enabled: true, redis: {address: 'r:6379'}, VOLUMES}")]
    public async Task Volumes_of_the_values_are_mounted_beside_the_charts_own(string of, string values)
    {
        const string volumes = "extraVolumes: [{name: ca, secret: {secretName: issuer}}], extraVolumeMounts: [{name: ca, mountPath: /etc/issuer, readOnly: true}]";

        var spec = await SpecAsync(of, values.Replace("VOLUMES", volumes, StringComparison.Ordinal));

        spec.ObjectsAt("volumes").Select(volume => volume.ValueAt("name")).Should().StartWith("tmp").And.EndWith("ca");
        spec.ObjectsAt("volumes").Last().ValueAt("secret", "secretName").Should().Be("issuer");
        Rendered.Containers(spec).Single().ObjectsAt("volumeMounts").Last().ValueAt("mountPath").Should().Be("/etc/issuer");
    }

    [Theory]
    [InlineData("{}", "k8squeue-api-keys", "key")]
    [InlineData("{keySecret: {name: mine, key: plain}}", "mine", "plain")]
    public async Task The_test_takes_the_key_that_is_named_or_else_the_one_that_was_made(string test, string name, string key)
    {
        var secret = (await SpecAsync("k8squeue-test", $"{{api: {{enabled: true, redis: {{address: 'r:6379'}}}}, test: {test}}}"))
            .ObjectsAt("volumes").Single(volume => volume.ValueAt("name") == "api-key");

        (secret.ValueAt("secret", "secretName"), secret.ObjectsAt("secret", "items").Single().ValueAt("key")).Should().Be((name, key));
    }

    [Fact]
    public async Task The_test_goes_where_its_values_say()
    {
        var spec = await SpecAsync("k8squeue-test", ValueSets.All["API with a Redis of its own"]);

        spec.ValueAt("nodeSelector", "kubernetes.io/os").Should().Be("linux");
        spec.ObjectsAt("tolerations").Single().ValueAt("key").Should().Be("system");
        spec.MapAt("affinity", "nodeAffinity").Should().NotBeNull();
        spec.ValueAt("priorityClassName").Should().Be("system-cluster-critical");
    }

    private static async Task<JsonObject> SpecAsync(string of, string values) => (await Helm.RenderAsync(values)).Pods().Single(pod => pod.Of == of).Spec;
}
