using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Tests.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Protocol;

/// <summary>Programs in other languages call the very scripts that this one calls.</summary>
public sealed partial class ScriptExportTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private readonly string _directory = Directory.CreateTempSubdirectory("k8squeue-scripts-").FullName;

    public override async Task DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        await base.DisposeAsync();
    }

    [Fact]
    public void Every_file_is_a_script_of_this_program_and_the_server_gives_it_the_name_in_the_manifest()
    {
        RedisScriptExport.WriteTo(Path.Combine(_directory, "new"));

        var manifest = Manifest("new");
        ((string?)manifest["version"]).Should().Be(RedisServices.LayoutVersion);
        var scripts = manifest["scripts"]!.AsArray();
        foreach (var entry in scripts)
        {
            var text = File.ReadAllText(Path.Combine(_directory, "new", entry!.Text("file")));
            text.Should().Be(RedisScript.All.Single(script => script.Name == entry!.Text("name")).Text);
            Raw("SCRIPT", "LOAD", text).Text.Should().Be(entry!.Text("sha1"));
        }

        Directory.GetFiles(Path.Combine(_directory, "new")).Should().HaveCount(scripts.Count + 1);
    }

    [Fact]
    public void The_reference_tells_what_each_of_them_takes()
    {
        RedisScriptExport.WriteTo(_directory);
        var reference = File.ReadAllText(Path.Combine(RepositoryFolder.Root, "docs", "reference", "protocol.md"));

        Row().Matches(reference).Select(match => match.Groups["name"].Value).Should()
            .BeEquivalentTo(Manifest("")["scripts"]!.AsArray().Select(entry => entry!.Text("name")));
        reference.Should().Contain($"layout version is `{RedisServices.LayoutVersion}`");
    }

    private JsonNode Manifest(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(_directory, folder, RedisScriptExport.ManifestFile)))!;

    [GeneratedRegex(@"^\| \*\*`(?<name>[a-z-]+)`\*\* \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
