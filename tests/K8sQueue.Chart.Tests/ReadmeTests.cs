using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>The chart's README has every value with its default, and what it shows renders.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(Helm.Chart, "README.md"));

    [Fact]
    public void The_table_has_every_value_and_its_default()
    {
        var defaults = (JsonObject)YamlReader.ReadAll(File.ReadAllText(Path.Combine(Helm.Chart, "values.yaml"))).Single();

        Row().Matches(Readme).Select(row => $"{row.Groups["name"]} = {row.Groups["default"]}").Should().Equal(Values(defaults, ""));
    }

    [Fact]
    public async Task Its_YAML_renders()
    {
        var fences = Fence().Matches(Readme);

        fences.Should().NotBeEmpty();
        foreach (Match fence in fences)
            (await Helm.RenderAsync(fence.Groups["yaml"].Value)).OfKind("WorkerPool").Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("README.md")]
    [InlineData("charts/k8squeue/README.md")]
    [InlineData("docs/how-to/install.md")]
    [InlineData("docs/how-to/install-rights.md")]
    [InlineData("docs/how-to/push-activation.md")]
    public async Task Every_helm_command_of_a_document_renders(string document)
    {
        var text = (await File.ReadAllTextAsync(Path.Combine(RepositoryFolder.Root, document))).Replace("\\\n", "", StringComparison.Ordinal);
        var commands = HelmCommand().Matches(text).Select(match => match.Groups["options"].Value).ToList();

        commands.Should().NotBeEmpty();
        foreach (var options in commands)
        {
            var words = options.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word.Trim('\''))
                .Where(word => word is not ("--reuse-values" or "--create-namespace"));
            Helm.Read((await Helm.RunAsync(["template", Helm.Release, Helm.Chart, .. words])).Succeeded()).Should().NotBeEmpty(options);
        }
    }

    private static IEnumerable<string> Values(JsonObject values, string path) => values.SelectMany(value => value.Value switch
    {
        JsonObject { Count: > 0 } inner when value.Key != "resources" => Values(inner, $"{path}{value.Key}."),
        JsonNode other => [$"{path}{value.Key} = {Show(other)}"],
        null => [$"{path}{value.Key} = null"],
    });

    private static string Show(JsonNode value) => value switch
    {
        JsonObject { Count: > 0 } map => "{" + string.Join(", ", map.Select(field => $"{field.Key}: {Show(field.Value!)}")) + "}",
        JsonValue text when text.GetValueKind() == JsonValueKind.String && text.ToString().Length > 0 => text.ToString(),
        _ => value.ToJsonString(),
    };

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \| `(?<default>[^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^ *helm (install|upgrade|template) k8squeue charts/k8squeue(?<options>[^#|\n]*)", RegexOptions.Multiline)]
    private static partial Regex HelmCommand();

    [GeneratedRegex("```yaml\n(?<yaml>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();
}
