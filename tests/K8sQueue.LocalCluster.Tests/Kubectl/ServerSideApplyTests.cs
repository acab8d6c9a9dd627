namespace K8sQueue.LocalCluster.Tests.Kubectl;

public sealed class ServerSideApplyTests(KubectlCluster cluster) : IClassFixture<KubectlCluster>
{
    [Fact]
    public async Task A_field_of_another_manager_is_a_conflict_unless_forced()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, "one", Manifests.Widget("a"));
        var other = cluster.Write(Manifests.Widget("a", "{replicas: 3}"));

        var error = await cluster.FailAsync(space, "apply", "--server-side", "--field-manager=two", "-f", other);
        await cluster.OkAsync(space, "apply", "--server-side", "--field-manager=two", "--force-conflicts", "-f", other);

        error.Should().Contain("Apply failed with 1 conflict: conflict with \"one\": .spec.replicas");
        (await OwnersAsync(space)).Should().Be("two");
    }

    [Fact]
    public async Task Equal_values_are_owned_together()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, "one", Manifests.Widget("a"));

        await ApplyAsync(space, "two", Manifests.Widget("a"));

        (await OwnersAsync(space)).Should().Be("one two");
    }

    [Fact]
    public async Task A_field_that_its_last_owner_leaves_out_goes()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, "one", Manifests.Widget("a", "{colour: blue, parts: [{name: x, size: 1}, {name: second}]}"));
        await ApplyAsync(space, "two", Manifests.Widget("a", "{parts: [{name: x}]}"));

        await ApplyAsync(space, "one", Manifests.Widget("a", "{parts: []}"));

        (await cluster.OkAsync(space, "get", "widget", "a", "-o", "jsonpath={.spec}")).Should().Be(
            """{"colour":"red","parts":[{"name":"x"}],"replicas":1}""");
    }

    [Fact]
    public async Task An_unknown_field_is_refused()
    {
        var space = await cluster.NewNamespaceAsync();

        var error = await cluster.FailAsync(
            space, "apply", "--server-side", "-f", cluster.Write(Manifests.Deployment("a", container: "{name: main, image: IMAGE, imag: x}")));

        error.Should().Contain("field not declared in schema").And.Contain("imag");
    }

    [Fact]
    public async Task A_container_is_merged_by_its_name()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, "one", Manifests.Deployment("a"));

        await ApplyAsync(space, "two", """
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: a}
            spec: {template: {spec: {containers: [{name: main, env: [{name: B, value: "2"}]}]}}}
            """);

        var container = await cluster.OkAsync(
            space, "get", "deployment", "a", "-o", "jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].env[*].name}");
        container.Should().Be("busybox:1 A B");
    }

    [Fact]
    public async Task Applying_the_same_again_changes_nothing()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, "one", Manifests.Deployment("a"));
        var before = await cluster.OkAsync(space, "get", "deployment", "a", "-o", "jsonpath={.metadata.resourceVersion}");

        await ApplyAsync(space, "one", Manifests.Deployment("a"));

        (await cluster.OkAsync(space, "get", "deployment", "a", "-o", "jsonpath={.metadata.resourceVersion}")).Should().Be(before);
    }

    [Theory]
    [InlineData("a", "Precondition failed: UID in precondition: another")]
    [InlineData("missing", "uid mismatch: the provided object specified uid another, and no existing object was found")]
    public async Task A_uid_of_another_object_is_a_conflict(string name, string message)
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, "one", Manifests.Widget("a"));

        var error = await cluster.FailAsync(space, "apply", "--server-side", "-f", cluster.Write(
            Manifests.Widget(name).Replace("metadata:", "metadata:\n  uid: another", StringComparison.Ordinal)));

        error.Should().Contain("Operation cannot be fulfilled on widgets.example.com").And.Contain(message);
    }

    /// <summary>Who owns the replicas.</summary>
    private async Task<string> OwnersAsync(string space)
    {
        const string Template = "{{range .metadata.managedFields}}{{$m := .manager}}{{with index .fieldsV1 \"f:spec\"}}{{range $k, $v := .}}{{if eq $k \"f:replicas\"}}{{$m}} {{end}}{{end}}{{end}}{{end}}";
        var managers = await cluster.OkAsync(space, "get", "widget", "a", "--show-managed-fields", "-o", $"go-template={Template}");
        return string.Join(' ', managers.Split(' ', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    private Task<string> ApplyAsync(string space, string manager, string manifest) =>
        cluster.OkAsync(space, "apply", "--server-side", $"--field-manager={manager}", "-f", cluster.Write(manifest));
}
