using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Probes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Tests.Controllers;
using K8sQueue.Testing;

namespace K8sQueue.LocalCluster.Tests.Kubelet;

public sealed class ProbeTests : IAsyncLifetime
{
    private RunningCluster _cluster = null!;

    public async Task InitializeAsync() => _cluster = await RunningCluster.StartAsync();

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task A_pod_is_ready_only_after_its_readiness_probe_passes_and_not_after_it_fails()
    {
        Create("ready", """{"readinessProbe": {"exec": {"command": ["test", "-f", "/flags/ready"]}, "periodSeconds": 1, "timeoutSeconds": 60, "failureThreshold": 1}}""");
        await _cluster.Eventually(() => _cluster.Events("ready").Contains("Unhealthy"));
        var status = _cluster.Pod("ready").MapAt("status");
        status.TextAt("phase").Should().Be("Running");
        StatusConditions.Find(status, "Ready").TextAt("reason").Should().Be("ContainersNotReady");

        await File.WriteAllTextAsync(Path.Combine(Flags("ready"), "ready"), "");
        await _cluster.Eventually(() => StatusConditions.IsTrue(_cluster.Pod("ready")["status"], "Ready"));

        File.Delete(Path.Combine(Flags("ready"), "ready"));
        await _cluster.Eventually(() => !StatusConditions.IsTrue(_cluster.Pod("ready")["status"], "Ready"));
    }

    [Fact]
    public async Task A_liveness_probe_that_fails_restarts_the_container()
    {
        Create("live", """{"livenessProbe": {"exec": {"command": ["test", "!", "-f", "/flags/dead"]}, "periodSeconds": 1, "timeoutSeconds": 60, "failureThreshold": 1}}""");
        await _cluster.Eventually(() => StatusConditions.IsTrue(_cluster.Pod("live")["status"], "Ready"));

        await File.WriteAllTextAsync(Path.Combine(Flags("live"), "dead"), "");

        await _cluster.Eventually(() => Container("live").NumberAt("restartCount") >= 1);
        Container("live").MapAt("lastState", "terminated").Should().NotBeNull();
        _cluster.Events("live").Should().Contain(["Unhealthy", "Killing"]);
    }

    [Fact]
    public async Task A_startup_probe_comes_before_the_others()
    {
        Create("start", """
            {
              "startupProbe": {"exec": {"command": ["test", "-f", "/flags/up"]}, "periodSeconds": 1, "timeoutSeconds": 60, "failureThreshold": 100},
              "livenessProbe": {"exec": {"command": ["test", "-f", "/flags/up"]}, "periodSeconds": 1, "timeoutSeconds": 60, "failureThreshold": 1}
            }
            """);
        await _cluster.Eventually(() => _cluster.Events("start").Contains("Unhealthy"));
        Container("start").FlagAt("started").Should().BeFalse();
        Container("start").NumberAt("restartCount").Should().Be(0);

        await File.WriteAllTextAsync(Path.Combine(Flags("start"), "up"), "");

        await _cluster.Eventually(() => Container("start").FlagAt("started") && StatusConditions.IsTrue(_cluster.Pod("start")["status"], "Ready"));
        Container("start").NumberAt("restartCount").Should().Be(0);
    }

    [Fact]
    public async Task A_preStop_hook_runs_before_SIGTERM_and_within_the_grace_period()
    {
        Create("hook", """{"lifecycle": {"preStop": {"exec": {"command": ["sh", "-c", "echo hook"]}}}}""", "trap 'echo term; exit 0' TERM; echo up; while true; do sleep 0.05; done");
        await _cluster.Eventually(() => _cluster.Log("hook") == "up\n");

        _cluster.Api.Delete(GroupResource.Pods, "default", "hook");

        await _cluster.Eventually(() => !_cluster.Exists("hook"));
        _cluster.Log("hook").Should().Be("up\nhook\nterm\n");
    }

    [Theory]
    [InlineData(200, true)]
    [InlineData(302, true)]
    [InlineData(404, false)]
    [InlineData(500, false)]
    public async Task An_http_probe_takes_2xx_and_3xx(int status, bool expected)
    {
        var port = FreePort.Next();
        using var listener = new HttpListener();
        listener.Prefixes.Add($"http://127.0.0.1:{port}/");
        listener.Start();
        var serving = Task.Run(async () =>
        {
            var context = await listener.GetContextAsync();
            context.Response.StatusCode = status;
            context.Response.Close();
            return context.Request.RawUrl;
        });
        using var client = new ProbeClient(TimeProvider.System);

        var attempt = await client.AttemptAsync(
            JsonNode.Parse("""{"httpGet": {"path": "/healthz", "port": "management"}}""")!.AsObject(),
            new JsonObject { ["ports"] = new JsonArray(new JsonObject { ["name"] = "management", ["containerPort"] = port }) },
            "127.0.0.1", _ => throw new InvalidOperationException(), TimeSpan.FromSeconds(60), CancellationToken.None);

        attempt.Succeeded.Should().Be(expected);
        (await serving).Should().Be("/healthz");
    }

    [Fact]
    public async Task A_probe_that_gets_no_answer_fails_and_says_so()
    {
        using var client = new ProbeClient(TimeProvider.System);
        var probe = JsonNode.Parse($$"""{"tcpSocket": {"port": {{FreePort.Next()}} } }""")!.AsObject();

        var attempt = await client.AttemptAsync(probe, [], "127.0.0.1", _ => throw new InvalidOperationException(), TimeSpan.FromSeconds(60), CancellationToken.None);

        attempt.Succeeded.Should().BeFalse();
        attempt.Failure.Should().Contain("refused");
    }

    private void Create(string name, string container, string script = "sleep 1000") =>
        _cluster.Api.Create(GroupResource.Pods, RunningCluster.Script(name, script, pod =>
        {
            pod["spec"]!["terminationGracePeriodSeconds"] = 600;
            pod["spec"]!["volumes"] = JsonNode.Parse("""[{"name": "flags", "emptyDir": {}}]""");
        }, main =>
        {
            main["volumeMounts"] = JsonNode.Parse("""[{"name": "flags", "mountPath": "/flags"}]""");
            foreach (var (member, value) in JsonNode.Parse(container)!.AsObject())
                main[member] = value?.DeepClone();
        }));

    private JsonObject Container(string pod) => _cluster.Pod(pod).ObjectsAt("status", "containerStatuses").Single();

    private string Flags(string pod) => Path.Combine(_cluster.PodDirectory(pod)!, "volumes", "flags");
}
