using System.Text.RegularExpressions;
using K8sQueue.Quickstart.Stack;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>What the documents say is there.</summary>
public sealed partial class DocumentationTests
{
    private static string Read(string path) => File.ReadAllText(Path.Combine(RepositoryLayout.Root, path));

    [Fact]
    public void The_readme_shows_the_quickstart_as_it_is()
    {
        var sample = string.Join('\n', Read("samples/quickstart.yaml").Split('\n').SkipWhile(line => line.StartsWith('#')));

        Read("README.md").Should().Contain($"```yaml\n{sample}```");
    }

    [Fact]
    public void Every_make_target_that_a_document_names_exists()
    {
        var targets = MakeTarget().Matches(Read("Makefile")).Select(m => m.Groups["name"].Value).ToHashSet();
        var named = Documents().SelectMany(path => MakeCommand().Matches(File.ReadAllText(path)).SelectMany(m => m.Groups["name"].Value.Split(' ')));

        named.Where(name => !name.Contains('=', StringComparison.Ordinal)).Should().NotBeEmpty().And.BeSubsetOf(targets);
    }

    [Fact]
    public void Benchmarks_take_as_long_as_make_help_says()
    {
        var said = Minutes().Matches(Read("Makefile")).ToDictionary(m => m.Groups["name"].Value, m => m.Groups["minutes"].Value);
        var documented = MinutesOfCommand().Matches(Read("tests/K8sQueue.Benchmarks/README.md")).ToList();

        documented.Should().HaveCountGreaterThan(3).And.OnlyContain(m => said[m.Groups["name"].Value] == m.Groups["minutes"].Value);
    }

    [Fact]
    public void Every_relative_link_leads_somewhere()
    {
        var broken =
            from document in Documents()
            from match in Link().Matches(File.ReadAllText(document))
            let target = match.Groups["target"].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            let path = Path.Combine(Path.GetDirectoryName(document)!, target)
            where !Path.Exists(path)
            select $"{document}: {target}";

        broken.Should().BeEmpty();
    }

    private static IEnumerable<string> Documents() =>
        Directory.EnumerateFiles(RepositoryLayout.Root, "*.md", SearchOption.AllDirectories)
            .Where(path => !path.Contains("/node_modules/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    [GeneratedRegex("^(?<name>[a-z0-9-]+):.*##", RegexOptions.Multiline)]
    private static partial Regex MakeTarget();

    [GeneratedRegex("^(?<name>bench-[a-z-]+):.*## .*?(?<minutes>[0-9]+) minutes?", RegexOptions.Multiline)]
    private static partial Regex Minutes();

    [GeneratedRegex("^make (?<name>bench-[a-z-]+) +# .*?about (?<minutes>[0-9]+) minutes?", RegexOptions.Multiline)]
    private static partial Regex MinutesOfCommand();

    [GeneratedRegex("(`|^    )make (?<name>[a-zA-Z0-9=_-]+( [a-zA-Z0-9=_-]+)*)", RegexOptions.Multiline)]
    private static partial Regex MakeCommand();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
