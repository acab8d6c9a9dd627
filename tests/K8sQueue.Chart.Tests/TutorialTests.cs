using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>docs/tutorial.md, as far as it can be looked at where there is no kind. The tests of the API run its requests, those of a dry run apply its sample.</summary>
public sealed partial class TutorialTests
{
    private static readonly string Text = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "tutorial.md"));

    [Fact]
    public void The_pool_that_it_shows_is_that_of_the_sample()
    {
        var sample = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "samples", "tutorial.yaml"));

        Text.Should().Contain($"```yaml\n{sample.Split("\n---\n")[^1]}```");
    }

    [Fact]
    public async Task Its_commands_are_those_of_a_shell()
    {
        var blocks = Shell().Matches(Text).Select(match => match.Groups["text"].Value).ToList();

        blocks.Should().HaveCountGreaterThan(5);
        foreach (var block in blocks)
            (await Command.RunAsync("bash", ["-n", "-c", block])).Succeeded();
    }

    [Fact]
    public async Task What_it_deploys_has_what_it_reads_and_what_its_pool_names()
    {
        var make = Make().Match(Text).Value.Replace("make ", "make --dry-run ", StringComparison.Ordinal);
        var deploy = Deploy().Match((await Command.RunAsync("bash", ["-c", make])).Succeeded());
        deploy.Groups["context"].Value.Should().Be("kind-k8squeue");
        var (registry, tag) = (deploy.Groups["registry"].Value, deploy.Groups["tag"].Value);
        string[] options = ["--set", $"image.registry={registry},image.tag={tag}", .. deploy.Groups["options"].Value.Split(' ')];
        var objects = Helm.Read((await Helm.RunAsync(["template", Helm.Release, Helm.Chart, "-n", "k8squeue-system", .. options])).Succeeded());

        foreach (Match named in Named().Matches(Text))
            objects.Select(value => $"{value.Kind()} {value.Name()}".ToLowerInvariant()).Should().Contain($"{named.Groups["kind"]} {named.Groups["name"]}");
        foreach (Match read in Read().Matches(Text))
            objects.Single("Secret", read.Groups["name"].Value).TextAt("data", read.Groups["key"].Value).Should().NotBeNullOrEmpty(read.Value);
        objects.Single("Service", "k8squeue-api")["spec"]!["ports"]![0]!["port"]!.GetValue<long>().Should().Be(8080, "it is forwarded");

        var pool = YamlReader.ReadAll(Yaml().Match(Text).Groups["text"].Value).Cast<JsonObject>().Single();
        pool["spec"]!["template"]!["spec"]!["containers"]![0].TextAt("image").Should().Be($"{registry}/worker:{tag}");
        var redis = objects.Single("Service", "k8squeue-redis");
        var queue = pool["spec"]!["queues"]![0]!["k8squeue"]!["redis"];
        queue.TextAt("address").Should().Be($"{redis.Name()}.k8squeue-system:{redis["spec"]!["ports"]![0]!["port"]}");
        Text.Should().Contain($"create secret generic {queue.TextAt("passwordSecretRef", "name")} --from-literal=password=");
    }

    [GeneratedRegex("```(sh|bash)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Shell();

    [GeneratedRegex("```yaml\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Yaml();

    [GeneratedRegex("^make .*$", RegexOptions.Multiline)]
    private static partial Regex Make();

    [GeneratedRegex("""^eng/deploy\.sh "(?<registry>[^"]+)" "(?<tag>[^"]+)" "[^"]+" "(?<context>[^"]*)" (?<options>.*)$""", RegexOptions.Multiline)]
    private static partial Regex Deploy();

    [GeneratedRegex("k8squeue-system [a-z-]+ (?<kind>secret|service|deployment)[ /](?<name>[a-z0-9-]+)")]
    private static partial Regex Named();

    [GeneratedRegex(@"k8squeue-system get secret (?<name>[a-z0-9-]+) -o jsonpath='\{\.data\.(?<key>\w+)\}'")]
    private static partial Regex Read();
}
