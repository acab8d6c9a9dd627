using System.Text.Json.Nodes;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>What is committed under deploy/ is what the chart renders, and the definitions are everywhere those of crds/.</summary>
public sealed class ManifestTests(ChartCluster cluster) : IClassFixture<ChartCluster>
{
    private static readonly string Root = RepositoryFolder.Root;

    public static TheoryData<string> Definitions => [.. Directory.GetFiles(Path.Combine(Root, "crds")).Select(file => Path.GetFileName(file)!)];

    [Theory]
    [MemberData(nameof(Definitions))]
    public void The_chart_has_the_definitions_of_crds(string file) =>
        File.ReadAllText(Path.Combine(Helm.Chart, "files", "crds", file)).Should().Be(
            File.ReadAllText(Path.Combine(Root, "crds", file)), "make manifests copies them");

    [Theory]
    [InlineData("deploy/crds.yaml")]
    [InlineData("deploy/install.yaml")]
    public void A_rendered_definition_is_that_of_crds(string file)
    {
        var rendered = Helm.Read(File.ReadAllText(Path.Combine(Root, file))).OfKind("CustomResourceDefinition").ToList();
        var committed = Directory.GetFiles(Path.Combine(Root, "crds")).SelectMany(path => Helm.Read(File.ReadAllText(path))).ToList();

        rendered.Should().HaveSameCount(committed);
        rendered.Should().OnlyContain(value => committed.Any(other => JsonNode.DeepEquals(value, other)));
    }

    [Fact]
    public async Task Deploy_is_what_the_chart_renders()
    {
        var output = Directory.CreateTempSubdirectory("k8squeue-manifests-");
        (await Command.RunAsync(
            "bash", ["eng/manifests.sh", output.FullName], new Dictionary<string, string> { ["K8SQUEUE_HELM"] = Helm.Program })).Succeeded();

        var rendered = Files(Path.Combine(output.FullName, "deploy"));
        rendered.Should().NotBeEmpty();
        foreach (var (file, text) in rendered)
            File.ReadAllText(Path.Combine(Root, "deploy", file)).Should().Be(text, $"make manifests renders deploy/{file} anew");
        rendered.Keys.Should().Contain(Directory.GetFiles(Path.Combine(Root, "deploy", "operator"), "*.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(Root, "deploy"), file)), "nothing there is written by hand");
        output.Delete(recursive: true);
    }

    // The next two need no helm: they hold for what people apply.
    [Fact]
    public async Task What_is_committed_is_accepted_file_after_file()
    {
        foreach (var file in (string[])["crds.yaml", "install.yaml", "api.yaml"])
            await cluster.KubectlAsync("apply", "--server-side", "--validate=strict", "-f", Path.Combine(Root, "deploy", file));

        // The rights alone, as the namespaces' administrators apply them, change nothing.
        await cluster.KubectlAsync("apply", "--server-side", "--validate=strict", "-f", Path.Combine(Root, "deploy", "operator"));
        (await cluster.KubectlAsync("get", "deployments", "-n", "k8squeue-system", "-o", "name"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Should().BeEquivalentTo(
                "deployment.apps/k8squeue-operator", "deployment.apps/k8squeue-api", "deployment.apps/k8squeue-redis");
    }

    [Theory]
    [InlineData("install.yaml")]
    [InlineData("api.yaml")]
    public void What_is_committed_says_nothing_of_Helm_and_has_no_secret(string file)
    {
        var text = File.ReadAllText(Path.Combine(Root, "deploy", file));

        text.Should().NotContain("helm.sh/").And.NotContain("managed-by");
        Helm.Read(text).OfKind("Secret").Should().BeEmpty();
        foreach (var (of, _, spec) in Helm.Read(text).Pods())
            RestrictedPods.Violations(spec).Should().BeEmpty(of);
    }

    [Fact]
    public void The_operators_rights_are_the_same_in_the_whole_and_in_parts()
    {
        var whole = Helm.Read(File.ReadAllText(Path.Combine(Root, "deploy", "install.yaml")));
        var parts = Directory.GetFiles(Path.Combine(Root, "deploy", "operator"), "*.yaml").SelectMany(file => Helm.Read(File.ReadAllText(file))).ToList();

        parts.Should().NotBeEmpty().And.OnlyContain(part => JsonNode.DeepEquals(part, whole.Single(part.Kind(), part.Name())));
    }

    private static Dictionary<string, string> Files(string folder) => Directory.GetFiles(folder, "*.yaml", SearchOption.AllDirectories)
        .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllText);
}
