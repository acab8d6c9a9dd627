using System.Text.RegularExpressions;
using K8sQueue.Chart.Tests.Support;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.Testing;

namespace K8sQueue.Chart.Tests;

/// <summary>The images, as far as they can be looked at where there is no Docker.</summary>
public sealed partial class DockerfileTests
{
    private const string Native = "worker/K8sQueue.Worker";

    private static readonly string[] All = ["operator/K8sQueue.Operator", Native, "api/K8sQueue.Api", "samples/K8sQueue.DatabaseWorker"];

    public static TheoryData<string> Projects => [.. All];

    [Theory]
    [MemberData(nameof(Projects))]
    public void What_is_copied_is_all_that_the_project_refers_to_and_is_in_the_context(string project)
    {
        var build = Stages(project)[0];
        var sources = Copy().Matches(build).SelectMany(copy => copy.Groups["sources"].Value.Split(' ')).ToList();

        sources.Should().OnlyContain(source => Path.Exists(Path.Combine(RepositoryFolder.Root, source)));
        sources.Should().Contain(References(project)).And.Contain(References(project).Select(reference => $"{reference}/{Path.GetFileName(reference)}.csproj"));
        var allowed = File.ReadAllLines(Path.Combine(RepositoryFolder.Root, ".dockerignore")).Where(line => line.StartsWith('!')).Select(line => line[1..]).ToList();
        sources.Should().OnlyContain(source => allowed.Any(path => source == path || source.TrimEnd('/') + "/" == path + "/" || source.StartsWith(path + "/") || path.StartsWith(source)));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void The_image_runs_the_program_alone_and_not_as_root(string project)
    {
        var (build, final) = (Stages(project)[0], Stages(project)[1]);

        var native = project == Native;
        build.Should().Contain(native ? "-p:PublishAot=true" : "-p:PublishReadyToRun=true").And.NotContain("ADD ");
        final.Should().StartWith($"FROM mcr.microsoft.com/dotnet/{(native ? "runtime-deps" : "aspnet")}:${{DOTNET_VERSION}}-noble-chiseled-extra\n");
        final.Should().NotContain("RUN ").And.NotContain("ADD ").And.NotContain("latest");
        final.Should().Contain("\nUSER 1654:1654\n").And.Contain(
            native ? $"\nENTRYPOINT [\"/app/{Path.GetFileName(project)}\"]" : $"\nENTRYPOINT [\"dotnet\", \"/app/{Path.GetFileName(project)}.dll\"]");
        foreach (var label in (string[])["title", "description", "version", "revision", "source", "licenses", "vendor"])
            final.Should().Contain($"org.opencontainers.image.{label}=\"");
    }

    [Theory]
    [InlineData("operator/K8sQueue.Operator", "operator")]
    [InlineData("api/K8sQueue.Api", "api")]
    public async Task The_chart_runs_it_as_its_user_and_knows_its_ports(string project, string name)
    {
        var pods = (await Helm.RenderAsync("{api: {enabled: true, redis: {address: 'r:6379'}}, operator: {push: {enabled: true}}}")).Pods();
        var spec = pods.Single(pod => pod.Of == $"k8squeue-{name}").Spec;

        spec.ValueAt("securityContext", "runAsUser").Should().Be("1654");
        string.Join(' ', Rendered.Containers(spec).Single().ObjectsAt("ports").Select(port => port.ValueAt("containerPort")))
            .Should().Be(Expose().Match(Stages(project)[1]).Groups["ports"].Value);
    }

    [Fact]
    public void Make_images_builds_every_one_of_them() =>
        All.Should().OnlyContain(project =>
            File.ReadAllText(Path.Combine(RepositoryFolder.Root, "eng", "images.sh")).Contains(project, StringComparison.Ordinal));

    private static string[] Stages(string project)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFolder.Root, project, "Dockerfile"));
        return [.. From().Split(text).Skip(1)];
    }

    /// <summary>The project and all that it refers to, by their folders.</summary>
    private static IEnumerable<string> References(string project)
    {
        var file = File.ReadAllText(Path.Combine(RepositoryFolder.Root, project, $"{Path.GetFileName(project)}.csproj"));
        var folders = Reference().Matches(file).Select(match => Path.GetRelativePath(
            RepositoryFolder.Root, Path.GetDirectoryName(Path.GetFullPath(Path.Combine(RepositoryFolder.Root, project, match.Groups["path"].Value)))!));
        return folders.SelectMany(References).Append(project).Distinct();
    }

    [GeneratedRegex(@"^(?=FROM )", RegexOptions.Multiline)]
    private static partial Regex From();

    [GeneratedRegex(@"^COPY (?!--from)(?<sources>.+) \S+$", RegexOptions.Multiline)]
    private static partial Regex Copy();

    [GeneratedRegex(@"^EXPOSE (?<ports>.+)$", RegexOptions.Multiline)]
    private static partial Regex Expose();

    [GeneratedRegex("<ProjectReference Include=\"(?<path>[^\"]+)\"")]
    private static partial Regex Reference();
}
