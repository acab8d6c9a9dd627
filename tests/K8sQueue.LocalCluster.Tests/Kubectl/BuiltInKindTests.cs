using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.LocalCluster.Tests.Kubectl;

public sealed class BuiltInKindTests(KubectlCluster cluster) : IClassFixture<KubectlCluster>
{
    [Fact]
    public async Task A_client_side_apply_merges_lists_by_their_keys()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Deployment("web"));
        await cluster.OkAsync(space, "set", "env", "deployment/web", "B=2");

        await ApplyAsync(space, Manifests.Deployment("web", "busybox:2"));

        var container = await cluster.OkAsync(
            space, "get", "deployment", "web", "-o", "jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].env[*].name}");
        container.Should().Be("busybox:2 A B");
    }

    [Fact]
    public async Task A_typo_in_a_container_is_refused()
    {
        var space = await cluster.NewNamespaceAsync();

        var error = await cluster.FailAsync(
            space, "apply", "-f", cluster.Write(Manifests.Deployment("web", container: "{name: main, image: IMAGE, imagePulPolicy: Never}")));

        error.Should().Contain("strict decoding error: unknown field \"spec.template.spec.containers[0].imagePulPolicy\"");
    }

    [Fact]
    public async Task A_value_of_the_wrong_type_is_refused()
    {
        var space = await cluster.NewNamespaceAsync();

        var error = await cluster.FailAsync(
            space, "apply", "-f", cluster.Write(Manifests.Deployment("web", container: "{name: main, image: IMAGE, ports: [{containerPort: http}]}")));

        error.Should().Contain("cannot unmarshal string into Go struct field spec.template.spec.containers.ports.containerPort");
    }

    [Fact]
    public async Task A_selector_must_match_and_stays()
    {
        var space = await cluster.NewNamespaceAsync();
        var manifest = Manifests.Deployment("web");
        await ApplyAsync(space, manifest);

        var mismatch = await cluster.FailAsync(space, "apply", "-f", cluster.Write(manifest.Replace("matchLabels: {app: web", "matchLabels: {app: x", StringComparison.Ordinal)));

        mismatch.Should().Contain("`selector` does not match template `labels`").And.Contain("field is immutable");
    }

    [Fact]
    public async Task Scale_and_its_precondition_work_on_deployments()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Deployment("web"));

        await cluster.OkAsync(space, "scale", "deployment/web", "--current-replicas=1", "--replicas=4");
        var error = await cluster.FailAsync(space, "scale", "deployment/web", "--current-replicas=1", "--replicas=2");

        error.Should().Contain("Expected replicas to be 1, was 4");
        (await cluster.OkAsync(space, "get", "deployment", "web")).Should().Contain("0/4");
    }

    [Fact]
    public async Task Patches_of_every_kind_apply()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Deployment("web"));

        await cluster.OkAsync(space, "patch", "deployment", "web", "--type=json", "-p", """[{"op":"replace","path":"/spec/replicas","value":2}]""");
        await cluster.OkAsync(space, "patch", "deployment", "web", "--type=merge", "-p", """{"metadata":{"labels":{"x":"y"}}}""");
        await cluster.OkAsync(space, "patch", "deployment", "web", "-p",
            """{"spec":{"template":{"spec":{"containers":[{"name":"side","image":"side:1"}]}}}}""");

        var shown = await cluster.OkAsync(space, "get", "deployment", "web", "-o",
            "jsonpath={.spec.replicas} {.metadata.labels.x} {.spec.template.spec.containers[*].name}");
        shown.Split(' ').Should().Equal("2", "y", "main", "side");
    }

    [Fact]
    public async Task Edit_writes_what_the_editor_saved()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Deployment("web"));
        var editor = cluster.Write("#!/bin/sh\nsed -i 's/busybox:1/busybox:9/' \"$1\"\n");
        File.SetUnixFileMode(editor, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("kubectl", ["-n", space, "edit", "deployment", "web"])
        {
            RedirectStandardOutput = true,
            Environment = { ["KUBECONFIG"] = cluster.Kubeconfig, ["KUBE_EDITOR"] = editor },
        })!;
        await process.WaitForExitAsync();

        process.ExitCode.Should().Be(0);
        (await cluster.OkAsync(space, "get", "deployment", "web", "-o", "wide")).Should().Contain("busybox:9");
    }

    [Fact]
    public async Task A_server_side_dry_run_stores_nothing()
    {
        var space = await cluster.NewNamespaceAsync();

        var said = await cluster.OkAsync(space, "apply", "--dry-run=server", "-f", cluster.Write(Manifests.Deployment("web")));

        said.Should().Contain("created (server dry run)");
        (await cluster.FailAsync(space, "get", "deployment", "web")).Should().Contain("NotFound");
    }

    [Fact]
    public async Task Secrets_and_config_maps_are_created_from_literals()
    {
        var space = await cluster.NewNamespaceAsync();

        await cluster.OkAsync(space, "create", "secret", "generic", "s", "--from-literal=password=geheim");
        await cluster.OkAsync(space, "create", "configmap", "c", "--from-literal=a=b");

        (await cluster.OkAsync(space, "get", "secret", "s", "-o", "jsonpath={.data.password}")).Should().Be("Z2VoZWlt");
        (await cluster.OkAsync(space, "get", "secret,configmap")).Should().Contain("Opaque").And.Contain("configmap/c");
    }

    [Fact]
    public async Task Delete_waits_for_the_finalizers()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Pod("p", "[example.com/hold]"));

        using var deletion = cluster.Start(space, "delete", "pod", "p", "--wait", "--timeout=60s");
        await Eventually.IsTrue(() => cluster.Api.Get(GroupResource.Pods, space, "p")!.IsDeleting());
        deletion.HasExited.Should().BeFalse();
        cluster.Api.Modify(GroupResource.Pods, space, "p", p =>
        {
            p.SetFinalizers([]);
            return true;
        });
        await deletion.WaitForExitAsync();

        deletion.ExitCode.Should().Be(0);
    }

    [Fact]
    public async Task Get_with_watch_prints_a_row_a_change()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Pod("p"));

        using var watch = cluster.Start(space, "get", "pods", "-w");
        (await watch.StandardOutput.ReadLineAsync()).Should().Contain("STATUS");
        (await watch.StandardOutput.ReadLineAsync()).Should().Contain("Pending");
        cluster.Api.Modify(GroupResource.Pods, space, "p", p =>
        {
            p.Need("status")["phase"] = "Running";
            return true;
        }, "status");
        var row = await watch.StandardOutput.ReadLineAsync();
        watch.Kill();

        row.Should().Contain("Running");
    }

    [Fact]
    public async Task Logs_are_what_the_kubelet_wrote()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Pod("p"));
        var uid = cluster.Api.Get(GroupResource.Pods, space, "p")!.Uid();
        var directory = Directory.CreateDirectory(Path.Combine(cluster.DataDirectory, "pods", $"{space}_p_{uid}")).FullName;
        (await cluster.FailAsync(space, "logs", "p")).Should().Contain("is waiting to start");
        await File.WriteAllTextAsync(Path.Combine(directory, "main.log"), "one\ntwo\nthree\n");

        (await cluster.OkAsync(space, "logs", "p")).Should().Be("one\ntwo\nthree\n");
        (await cluster.OkAsync(space, "logs", "p", "--tail=2")).Should().Be("two\nthree\n");
        (await cluster.FailAsync(space, "logs", "p", "-c", "other")).Should().Contain("container other is not valid for pod p");
    }

    [Fact]
    public async Task A_namespace_takes_its_content_along()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Pod("p"));
        await ApplyAsync(space, Manifests.Widget("w"));

        await cluster.OkAsync("default", "delete", "namespace", space, "--timeout=60s");

        cluster.Api.List(GroupResource.Pods, space).Should().BeEmpty();
        (await cluster.FailAsync(space, "create", "configmap", "c")).Should().Contain($"namespaces \"{space}\" not found");
    }

    [Fact]
    public async Task Selectors_choose_by_label_and_field()
    {
        var space = await cluster.NewNamespaceAsync();
        foreach (var name in (string[])["a", "b", "c"])
            await ApplyAsync(space, Manifests.Pod(name));
        await cluster.OkAsync(space, "label", "pod", "a", "tier=web");
        await cluster.OkAsync(space, "label", "pod", "b", "tier=db");

        async Task<string> Names(params string[] selector) =>
            await cluster.OkAsync(space, ["get", "pods", "-o", "jsonpath={.items[*].metadata.name}", .. selector]);

        (await Names("-l", "tier=web")).Should().Be("a");
        (await Names("-l", "tier in (web, db),tier!=web")).Should().Be("b");
        (await Names("-l", "!tier")).Should().Be("c");
        (await Names("--field-selector", "metadata.name=b")).Should().Be("b");
        (await Names("--field-selector", "spec.nodeName=")).Should().Be("a b c");
    }

    [Fact]
    public async Task Whoever_has_the_token_may_do_everything()
    {
        (await cluster.OkAsync("default", "auth", "can-i", "create", "pods")).Should().Be("yes\n");
    }

    [Fact]
    public async Task An_evicted_pod_is_deleted_unless_its_budget_says_no()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Pod("p"));
        await cluster.OkAsync(space, "label", "pod", "p", "app=p");
        await cluster.OkAsync(space, "create", "pdb", "guard", "--selector=app=p", "--min-available=1");
        cluster.Api.Modify(GroupResource.Pods, space, "p", p => Status(p, "Running"), "status");
        var eviction = cluster.Write($$"""{"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p","namespace":"{{space}}"} }""");
        var path = $"/api/v1/namespaces/{space}/pods/p/eviction";

        var refused = await cluster.FailAsync(space, "create", "--raw", path, "-f", eviction);
        cluster.Api.Modify(GroupResource.PodDisruptionBudgets, space, "guard", b =>
        {
            b.Need("status")["disruptionsAllowed"] = 1;
            return true;
        }, "status");
        await cluster.OkAsync(space, "create", "--raw", path, "-f", eviction);

        refused.Should().Contain("Cannot evict pod as it would violate the pod's disruption budget.");
        cluster.Api.Get(GroupResource.Pods, space, "p").Should().BeNull();
    }

    private static bool Status(JsonObject pod, string phase)
    {
        pod.Need("status")["phase"] = phase;
        return true;
    }

    private Task<string> ApplyAsync(string space, string manifest) => cluster.OkAsync(space, "apply", "-f", cluster.Write(manifest));
}
