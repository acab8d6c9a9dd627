using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Tests.Controllers;

namespace K8sQueue.LocalCluster.Tests.Kubelet;

public sealed class EnvironmentTests : IAsyncLifetime
{
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await RunningCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Variables_come_from_values_secrets_maps_and_the_pod_itself()
    {
        Put("Secret", "creds", """{"data": {"password": "c2VzYW1l"}}""");
        Put("ConfigMap", "settings", """{"data": {"COLOUR": "blue"}}""");
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("env", "env; sleep 1000", pod => pod["metadata"]!["labels"] = new JsonObject { ["app"] = "x" }, container =>
        {
            container["env"] = JsonNode.Parse("""
                [
                  {"name": "PLAIN", "value": "one"},
                  {"name": "MADE", "value": "$(PLAIN)-$(NOT_THERE)"},
                  {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "creds", "key": "password"}}},
                  {"name": "ABSENT", "valueFrom": {"secretKeyRef": {"name": "nowhere", "key": "x", "optional": true}}},
                  {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                  {"name": "APP", "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['app']"}}},
                  {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
                ]
                """);
            container["envFrom"] = JsonNode.Parse("""[{"prefix": "S_", "configMapRef": {"name": "settings"}}]""");
        }));

        await _cluster.Eventually(() => _cluster.Log("env").Contains("IP=", StringComparison.Ordinal) && _cluster.Log("env").Contains("S_COLOUR", StringComparison.Ordinal));

        var lines = _cluster.Log("env").Split('\n');
        var address = _cluster.Pod("env").TextAt("status", "podIP");
        lines.Should().Contain(["PLAIN=one", "MADE=one-$(NOT_THERE)", "PASSWORD=sesame", "POD=env", "APP=x", $"IP={address}", "S_COLOUR=blue", $"K8SQUEUE_MANAGEMENT_ADDRESS={address}", "HOSTNAME=env"]);
        lines.Should().NotContain(l => l.StartsWith("ABSENT=", StringComparison.Ordinal) || l.StartsWith("KUBERNETES_", StringComparison.Ordinal) || l.StartsWith("MSBUILD", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("secretKeyRef", """{"name": "late", "key": "k"}""", "secret \"late\" not found", "Secret")]
    [InlineData("configMapKeyRef", """{"name": "late", "key": "k"}""", "configmap \"late\" not found", "ConfigMap")]
    public async Task What_is_missing_is_waited_for_and_said(string reference, string value, string message, string kind)
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("wants", "echo $V; sleep 1000", container: c =>
            c["env"] = new JsonArray(new JsonObject { ["name"] = "V", ["valueFrom"] = new JsonObject { [reference] = JsonNode.Parse(value) } })));
        await _cluster.Eventually(() => RunningCluster.State(_cluster.Pod("wants")).TextAt("waiting", "reason") == "CreateContainerConfigError");
        RunningCluster.State(_cluster.Pod("wants")).TextAt("waiting", "message").Should().Be(message);

        Put(kind, "late", """{"data": {"other": "eA=="}}""");
        await _cluster.Eventually(() => RunningCluster.State(_cluster.Pod("wants")).TextAt("waiting", "message") == $"couldn't find key k in {kind} default/late");

        _cluster.Api.Modify(kind == "Secret" ? GroupResource.Secrets : GroupResource.ConfigMaps, "default", "late", s => s.Put("eQ==", "data", "k"));
        await _cluster.Eventually(() => StatusConditions.IsTrue(_cluster.Pod("wants")["status"], "Ready"));
    }

    [Fact]
    public async Task A_mounted_secret_is_a_file_at_its_path()
    {
        Put("Secret", "tls", """{"data": {"ca.crt": "Y2VydA=="}}""");
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("files", "cat \"$CA_FILE\"; sleep 1000", pod =>
            pod["spec"]!["volumes"] = JsonNode.Parse("""[{"name": "certs", "secret": {"secretName": "tls"}}]"""), container =>
        {
            container["env"] = JsonNode.Parse("""[{"name": "CA_FILE", "value": "/etc/tls/ca.crt"}]""");
            container["volumeMounts"] = JsonNode.Parse("""[{"name": "certs", "mountPath": "/etc/tls"}]""");
        }));

        await _cluster.Eventually(() => _cluster.Log("files") == "cert");
    }

    [Fact]
    public async Task A_missing_volume_holds_the_pod_back_until_it_is_there()
    {
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script("mounts", "sleep 1000", pod =>
            pod["spec"]!["volumes"] = JsonNode.Parse("""[{"name": "certs", "secret": {"secretName": "tls"}}]""")));
        await _cluster.Eventually(() => _cluster.Events("mounts").Contains("FailedMount"));
        RunningCluster.State(_cluster.Pod("mounts")).TextAt("waiting", "reason").Should().Be("ContainerCreating");

        Put("Secret", "tls", """{"data": {"ca.crt": "Y2VydA=="}}""");

        await _cluster.Eventually(() => StatusConditions.IsTrue(_cluster.Pod("mounts")["status"], "Ready"));
    }

    private void Put(string kind, string name, string rest)
    {
        var value = JsonNode.Parse(rest)!.AsObject();
        value["apiVersion"] = "v1";
        value["kind"] = kind;
        value["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "default" };
        _cluster.Api.Create(kind == "Secret" ? GroupResource.Secrets : GroupResource.ConfigMaps, value);
    }
}
