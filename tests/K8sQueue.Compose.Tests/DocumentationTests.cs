using System.Text.RegularExpressions;
using K8sQueue.Compose.Tests.Model;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests;

/// <summary>docs/how-to/compose.md is true; the tests of the topologies run its requests.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string Text = Read();

    [Fact]
    public void Its_commands_name_what_is_there()
    {
        var folder = RepositoryFolder.Root;
        var commands = Blocks("sh").SelectMany(block => block.Append("cd /")).ToList();

        commands.Should().HaveCountGreaterThan(10);
        foreach (var words in commands.Select(command => command.Split(' ')))
        {
            switch (words)
            {
                case ["cd", "/"]:
                    folder = RepositoryFolder.Root;
                    break;
                case ["cd", var path]:
                    folder = Path.GetFullPath(Path.Combine(folder, path));
                    File.Exists(Path.Combine(folder, "compose.yaml")).Should().BeTrue(folder);
                    break;
                case ["deploy/compose/make-secrets", var topology]:
                    Topology.Names.Should().Contain(topology);
                    break;
                case ["cp", var file, ".env"]:
                    File.Exists(Path.Combine(folder, file)).Should().BeTrue(file);
                    break;
                case ["docker", "compose", .. var rest]:
                    CheckCompose(rest, FileOf(folder));
                    break;
                default:
                    string.Join(' ', words).Should().BeEmpty("this test knows every kind of command");
                    break;
            }
        }
    }

    [Fact]
    public void Its_YAML_is_of_services_that_are_there()
    {
        var files = Blocks("yaml").Select(lines => ComposeYaml.Read(string.Join('\n', lines), new Dictionary<string, string>())).ToList();

        files.Should().ContainSingle();
        var simple = Topology.Load("simple").Files.Single().Services;
        foreach (var (name, fields) in (System.Text.Json.Nodes.JsonObject)files[0]["services"]!)
            ((System.Text.Json.Nodes.JsonObject)fields!).Should().OnlyContain(field => simple.Single(service => service.Name == name).Has(field.Key));
    }

    [Fact]
    public void The_settings_are_those_of_the_files_and_of_the_examples()
    {
        var used = TextsOf("compose.yaml").SelectMany(text => Variable().Matches(text))
            .Select(match => $"{match.Groups["name"]} {match.Groups["default"]}").Distinct().ToList();

        Row().Matches(Text).SelectMany(Settings).Should().BeEquivalentTo(used);
        TextsOf(".env.example").SelectMany(text => text.Split('\n')).Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line.Replace('=', ' ')).Should().BeSubsetOf(used);
    }

    [Fact]
    public void Links_lead_somewhere()
    {
        var links = Link().Matches(Text).Select(match => match.Groups["path"].Value).ToList();

        links.Should().NotBeEmpty();
        links.Should().OnlyContain(path => Path.Exists(Path.Combine(RepositoryFolder.Root, "docs", "how-to", path)));
    }

    private static IEnumerable<string> TextsOf(string file) => Topology.Names.Select(Topology.Load)
        .SelectMany(topology => topology.Texts).Where(text => Path.GetFileName(text.Key) == file).Select(text => text.Value);

    private static IEnumerable<string> Settings(Match row) => row.Groups["names"].Value.Split(", ")
        .Zip(row.Groups["defaults"].Value.Split(", "), (name, value) => $"{name.Trim('`')} {value}");

    private static void CheckCompose(string[] words, ComposeFile file)
    {
        words[0].Should().BeOneOf("up", "build", "cp");
        foreach (var word in words[1..].Where(word => word.StartsWith('-')))
            word.Should().BeOneOf("-d", "--wait", "--scale");

        // --scale SERVICE=3, and SERVICE:PATH.
        foreach (var service in words.Where(word => word.Contains('=') || word.Contains(':')).Select(word => word.Split('=', ':')[0]))
            file.Services.Should().Contain(other => other.Name == service);
        if (words[0] == "build")
            file.Services.Should().Contain(service => service.Dockerfile != null);
    }

    private static ComposeFile FileOf(string folder)
    {
        var path = Path.GetRelativePath(Topology.Root, folder).Split('/');
        return Topology.Load(path[0]).Files.Single(file => file.Folder == string.Join('/', path[1..]));
    }

    private static IEnumerable<string[]> Blocks(string language) => Fence().Matches(Text)
        .Where(match => match.Groups["language"].Value == language).Select(match => match.Groups["text"].Value.TrimEnd('\n').Split('\n'));

    private static string Read() => File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "how-to", "compose.md"));

    [GeneratedRegex("```(?<language>[a-z]+)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"\$\{(?<name>[A-Z0-9_]+):-(?<default>[^}]*)\}")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^\| (?<names>`[A-Z0-9]+_[A-Z0-9_]+`(, `[A-Z0-9_]+`)*) \| (?<defaults>[^|]+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\]\((?<path>[^)#:]+)(#[^)]*)?\)")]
    private static partial Regex Link();
}
