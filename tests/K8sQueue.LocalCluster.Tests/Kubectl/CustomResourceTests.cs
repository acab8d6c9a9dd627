namespace K8sQueue.LocalCluster.Tests.Kubectl;

public sealed class CustomResourceTests(KubectlCluster cluster) : IClassFixture<KubectlCluster>
{
    [Fact]
    public async Task Apply_creates_then_configures_then_leaves_alone()
    {
        var space = await cluster.NewNamespaceAsync();

        (await ApplyAsync(space, Manifests.Widget("a"))).Should().Be("widget.example.com/a created\n");
        (await ApplyAsync(space, Manifests.Widget("a", "{replicas: 3}"))).Should().Be("widget.example.com/a configured\n");
        (await ApplyAsync(space, Manifests.Widget("a", "{replicas: 3}"))).Should().Be("widget.example.com/a unchanged\n");
    }

    [Fact]
    public async Task Get_shows_the_printer_columns()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Widget("a"));

        var lines = (await cluster.OkAsync(space, "get", "wd")).Split('\n');
        var wide = (await cluster.OkAsync(space, "get", "widgets", "-o", "wide")).Split('\n');

        Words(lines[0]).Should().Equal("NAME", "SIZE", "READY");
        Words(lines[1]).Should().Equal("a", "2");
        Words(wide[0]).Should().Equal("NAME", "SIZE", "READY", "COLOUR");
        Words(wide[1]).Should().Equal("a", "2", "red");
    }

    [Fact]
    public async Task A_typo_is_refused_with_its_path()
    {
        var space = await cluster.NewNamespaceAsync();

        var error = await cluster.FailAsync(space, "apply", "-f", cluster.Write(Manifests.Widget("a", "{replcas: 1}")));

        error.Should().Contain(
            "Widget in version \"v1\" cannot be handled as a Widget: strict decoding error: unknown field \"spec.replcas\"");
    }

    [Fact]
    public async Task Without_validation_a_typo_is_dropped()
    {
        var space = await cluster.NewNamespaceAsync();

        await cluster.OkAsync(space, "apply", "--validate=ignore", "-f", cluster.Write(Manifests.Widget("a", "{replcas: 1}")));

        (await cluster.OkAsync(space, "get", "widget", "a", "-o", "jsonpath={.spec}")).Should().Be("""{"colour":"red","replicas":1}""");
    }

    [Fact]
    public async Task With_warnings_a_typo_is_said_and_dropped()
    {
        var space = await cluster.NewNamespaceAsync();

        var (code, _, error) = await cluster.RunAsync(
            space, "apply", "--validate=warn", "-f", cluster.Write(Manifests.Widget("a", "{replcas: 1}")));

        code.Should().Be(0);
        error.Should().Contain("Warning: unknown field \"spec.replcas\"");
    }

    [Fact]
    public async Task Every_invalid_field_is_named()
    {
        var space = await cluster.NewNamespaceAsync();

        var error = await cluster.FailAsync(
            space, "apply", "-f", cluster.Write(Manifests.Widget("a", "{replicas: 11, colour: green, parts: [{name: x}, {name: x}]}")));

        error.Should().StartWith("The Widget \"a\" is invalid:")
            .And.Contain("spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10")
            .And.Contain("spec.colour: Unsupported value: \"green\": supported values: \"red\", \"blue\"")
            .And.Contain("spec.parts[1]: Duplicate value: {\"name\":\"x\"}");
    }

    [Fact]
    public async Task Scale_writes_the_replicas_and_raises_the_generation()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Widget("a"));

        (await cluster.OkAsync(space, "scale", "widget/a", "--replicas=5")).Should().Be("widget.example.com/a scaled\n");

        (await cluster.OkAsync(space, "get", "widget", "a", "-o", "jsonpath={.spec.replicas} {.metadata.generation}")).Should().Be("5 2");
    }

    [Fact]
    public async Task The_status_subresource_is_patched_apart_from_the_spec()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Widget("a"));

        await cluster.OkAsync(space, "patch", "widget", "a", "--subresource=status", "--type=merge",
            "-p", """{"spec":{"replicas":9},"status":{"conditions":[{"type":"Ready","status":"True"}]}}""");

        (await cluster.OkAsync(space, "get", "widget", "a", "-o", "jsonpath={.spec.replicas} {.metadata.generation}")).Should().Be("2 1");
        (await cluster.OkAsync(space, "wait", "--for=condition=Ready", "widget/a", "--timeout=60s")).Should().Contain("condition met");
    }

    [Fact]
    public async Task Describe_shows_the_fields_and_the_events()
    {
        var space = await cluster.NewNamespaceAsync();
        await ApplyAsync(space, Manifests.Widget("a"));
        var uid = await cluster.OkAsync(space, "get", "widget", "a", "-o", "jsonpath={.metadata.uid}");
        await ApplyAsync(space, $$"""
            apiVersion: events.k8s.io/v1
            kind: Event
            metadata: {name: a.1}
            eventTime: "2026-01-01T00:00:00.000000Z"
            reportingController: tests
            reportingInstance: tests-1
            action: Test
            reason: Tested
            type: Normal
            note: It was tested
            regarding: {apiVersion: example.com/v1, kind: Widget, name: a, namespace: {{space}}, uid: {{uid}} }
            """);

        var text = await cluster.OkAsync(space, "describe", "widget", "a");

        text.Should().Contain("Replicas:").And.Contain("Tested").And.Contain("It was tested");
        (await cluster.OkAsync(space, "get", "events")).Should().Contain("widget/a").And.Contain("It was tested");
    }

    [Fact]
    public async Task Explain_reads_the_schema()
    {
        var text = await cluster.OkAsync("default", "explain", "widget.spec");

        text.Should().Contain("What a widget is.").And.Contain("replicas");
    }

    [Fact]
    public async Task Api_resources_lists_kinds_with_short_names()
    {
        var lines = (await cluster.OkAsync("default", "api-resources")).Split('\n').Select(Words).ToList();

        lines.Should().ContainEquivalentOf(new[] { "widgets", "wd", "example.com/v1", "true", "Widget" });
        lines.Should().ContainEquivalentOf(new[] { "deployments", "deploy", "apps/v1", "true", "Deployment" });
    }

    [Fact]
    public async Task Deleting_the_definition_takes_its_objects_along()
    {
        var definition = Manifests.WidgetDefinition.Replace("idget", "obble", StringComparison.Ordinal).Replace("wd", "wob", StringComparison.Ordinal);
        await ApplyAsync("default", definition);
        await ApplyAsync("default", Manifests.Widget("a").Replace("Widget", "Wobble", StringComparison.Ordinal));

        await cluster.OkAsync("default", "delete", "crd", "wobbles.example.com", "--timeout=60s");

        (await cluster.FailAsync("default", "get", "--raw", "/apis/example.com/v1/wobbles")).Should().Contain("NotFound");
    }

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var words
        && words.Length > 0 && IsAge(words[^1]) ? words[..^1] : words;

    private static bool IsAge(string word) => word == "AGE" || (char.IsAsciiDigit(word[0]) && word.EndsWith('s'));

    private Task<string> ApplyAsync(string space, string manifest) => cluster.OkAsync(space, "apply", "-f", cluster.Write(manifest));
}
