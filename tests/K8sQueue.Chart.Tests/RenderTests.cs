using System.Text.Json.Nodes;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.Chart.Tests;

/// <summary>What comes of every set of values of the matrix.</summary>
public sealed class RenderTests
{
    private static readonly string[] Programs = ["operator", "api", "check"];

    public static TheoryData<string> Sets => ValueSets.Names;

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Helm_finds_no_fault(string set)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, ValueSets.All[set]);

        var said = (await Helm.RunAsync("lint", "--strict", Helm.Chart, "-f", file)).Succeeded();

        File.Delete(file);
        said.Should().Contain("0 chart(s) failed").And.NotContain("[WARNING]");
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Every_pod_keeps_to_the_restricted_standard_and_to_a_bit_more(string set)
    {
        foreach (var (of, _, spec) in (await Helm.RenderAsync(ValueSets.All[set])).Pods())
        {
            RestrictedPods.Violations(spec).Should().BeEmpty($"{of} runs in namespaces that enforce the standard");
            spec.ValueAt("automountServiceAccountToken").Should().Be(TalksToTheCluster(of, spec) ? "true" : "false", of);
            foreach (var container in Rendered.Containers(spec))
            {
                container.ValueAt("securityContext", "readOnlyRootFilesystem").Should().Be("true", of);
                container.ValueAt("resources", "limits", "memory").Should().NotBeNull(of);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Whatever_an_object_points_to_is_there(string set)
    {
        var objects = await Helm.RenderAsync(ValueSets.All[set]);
        var pods = objects.Pods().ToList();

        foreach (var value in objects.OfKind("Service"))
        {
            var chosen = pods.Where(pod => Selects(value.MapAt("spec", "selector")!, pod.Metadata)).Should().ContainSingle(value.Name()).Which;
            var ports = Rendered.Containers(chosen.Spec).SelectMany(container => container.ObjectsAt("ports")).Select(port => port.ValueAt("name"));
            value.ObjectsAt("spec", "ports").Select(port => port.ValueAt("targetPort")).Should().BeSubsetOf(ports);
        }

        foreach (var value in objects.Where(value => value.Kind() is "PodDisruptionBudget" or "Deployment" or "PodMonitor"))
            pods.Where(pod => Selects(value.MapAt("spec", "selector", "matchLabels")!, pod.Metadata)).Select(pod => pod.Of).Should().Equal([value.Name()], value.Kind());
        foreach (var value in objects.OfKind("NetworkPolicy"))
        {
            var chosen = pods.Where(pod => Selects(value.MapAt("spec", "podSelector", "matchLabels")!, pod.Metadata)).Should().ContainSingle(value.Name()).Which;
            var ports = Rendered.Containers(chosen.Spec).SelectMany(container => container.ObjectsAt("ports")).Select(port => port.ValueAt("name"));
            value.ObjectsAt("spec", "ingress").SelectMany(rule => rule.ObjectsAt("ports")).Select(port => port.ValueAt("port")).Should().BeSubsetOf(ports);
        }

        foreach (var value in objects.OfKind("Ingress"))
        {
            foreach (var service in value.ObjectsAt("spec", "rules").Single().ObjectsAt("http", "paths").Select(path => path.MapAt("backend", "service")!))
            {
                objects.Single("Service", service.ValueAt("name")!).ObjectsAt("spec", "ports").Select(port => port.ValueAt("name"))
                    .Should().Contain(service.ValueAt("port", "name"));
            }
        }

        foreach (var (of, _, spec) in pods.Where(pod => pod.Spec.ContainsKey("serviceAccountName")))
            objects.OfKind("ServiceAccount").Select(ObjectMeta.Name).Should().Contain(spec.ValueAt("serviceAccountName"), of);
        foreach (var (of, _, spec) in pods)
        {
            foreach (var container in Rendered.Containers(spec))
            {
                container.ObjectsAt("volumeMounts").Select(mount => mount.ValueAt("name"))
                    .Should().BeEquivalentTo(spec.ObjectsAt("volumes").Select(volume => volume.ValueAt("name")), of);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Every_object_of_a_namespace_says_which_and_has_the_labels_of_the_release(string set)
    {
        foreach (var value in await Helm.RenderAsync(ValueSets.All[set]))
        {
            if (value.Kind() == "CustomResourceDefinition")
                continue;
            value.ValueAt("metadata", "labels", "app.kubernetes.io/managed-by").Should().Be("Helm", $"{value.Kind()} {value.Name()}");
            (value.ValueAt("metadata", "namespace") is null).Should().Be(
                value.Kind().StartsWith("ClusterRole", StringComparison.Ordinal) || value.Kind().StartsWith("ValidatingAdmission", StringComparison.Ordinal),
                $"{value.Kind()} {value.Name()}");
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task Programs_get_probes_and_variables_that_they_read(string set)
    {
        foreach (var (of, _, spec) in (await Helm.RenderAsync(ValueSets.All[set])).Pods())
        {
            var container = Rendered.Containers(spec).Single();
            var name = container.ValueAt("name")!;
            if (name != "check")
            {
                foreach (var probe in (string[])["startupProbe", "livenessProbe", "readinessProbe"])
                    container.MapAt(probe).Should().NotBeNull($"{of} has {probe}");
            }

            if (!Programs.Contains(name))
                continue;
            var mounts = container.ObjectsAt("volumeMounts").Select(mount => mount.ValueAt("mountPath")!).ToList();
            foreach (var variable in container.ObjectsAt("env").Where(variable => variable.ValueAt("name")!.EndsWith("_FILE", StringComparison.Ordinal)))
                mounts.Should().Contain(Path.GetDirectoryName(variable.ValueAt("value")), variable.ToJsonString());
            container.ObjectsAt("env").Select(variable => variable.ValueAt("name")).Should().OnlyHaveUniqueItems(of);
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public async Task A_network_policy_is_for_the_pods_of_its_name_and_lets_in_those_that_call_them(string set)
    {
        var objects = await Helm.RenderAsync(ValueSets.All[set]);
        var pods = objects.Pods().ToList();
        foreach (var policy in objects.OfKind("NetworkPolicy"))
        {
            pods.Where(pod => Selects(policy.MapAt("spec", "podSelector", "matchLabels")!, pod.Metadata)).Select(pod => pod.Of).Should().Equal(policy.Name());
            foreach (var (of, metadata, _) in pods.Where(pod => Calls(pod.Of, policy.Name())))
                policy.ObjectsAt("spec", "ingress").Any(rule => LetsIn(rule, metadata)).Should().BeTrue($"{of} calls {policy.Name()}");
        }
    }

    // helm test calls the API, and everybody calls Redis.
    private static bool Calls(string caller, string called) => called.EndsWith("-redis", StringComparison.Ordinal)
        ? caller != called
        : called.EndsWith("-api", StringComparison.Ordinal) && caller.EndsWith("-test", StringComparison.Ordinal);

    private static bool LetsIn(JsonObject rule, JsonObject metadata) => !rule.ContainsKey("from") || rule.ObjectsAt("from").Any(
        peer => !peer.ContainsKey("namespaceSelector") && peer.MapAt("podSelector", "matchLabels") is { } labels && Selects(labels, metadata));

    private static bool TalksToTheCluster(string of, JsonObject spec) => of.EndsWith("-operator", StringComparison.Ordinal)
        || (of.EndsWith("-api", StringComparison.Ordinal) && Rendered.Variable(spec, "K8SQUEUE_CLUSTER") is null);

    private static bool Selects(JsonObject selector, JsonObject metadata) =>
        selector.All(label => metadata.ValueAt("labels", label.Key) == (string?)label.Value);
}
