using System.Text.RegularExpressions;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Model;

/// <summary>One of the images of this repository, as its Dockerfile says.</summary>
internal sealed partial class K8sQueueImage
{
    private static readonly K8sQueueImage Api = new("ghcr.io/k8squeue/api", "api/K8sQueue.Api");
    private static readonly K8sQueueImage Worker = new("ghcr.io/k8squeue/worker", "worker/K8sQueue.Worker");

    private readonly string _dockerfile;

    private K8sQueueImage(string repository, string project)
    {
        Repository = repository;
        Program = Path.GetFileName(project);
        _dockerfile = File.ReadAllText(Path.Combine(RepositoryFolder.Root, project, "Dockerfile"));
    }

    public string Repository { get; }

    /// <summary><c>K8sQueue.Api</c>.</summary>
    public string Program { get; }

    public bool IsWorker => this == Worker;

    /// <summary>The words that start the program.</summary>
    public IReadOnlyList<string> EntryPoint => [.. Word().Matches(Line("ENTRYPOINT")).Select(word => word.Groups["word"].Value)];

    public IReadOnlyList<int> Ports => [.. Line("EXPOSE").Split(' ').Select(int.Parse)];

    /// <summary>The image that a service runs, or that the image it builds is made from.</summary>
    public static K8sQueueImage? Of(ComposeFile file, ComposeService service)
    {
        var text = service.Dockerfile is { } path ? file.TextOf(path) ?? "" : service.Repository + ":";
        return new[] { Api, Worker }.FirstOrDefault(image => text.Contains(image.Repository + ":", StringComparison.Ordinal));
    }

    /// <summary>What the last one of its kind says.</summary>
    private string Line(string instruction) =>
        _dockerfile.Split('\n').Last(line => line.StartsWith(instruction + " ", StringComparison.Ordinal))[(instruction.Length + 1)..];

    [GeneratedRegex("\"(?<word>[^\"]+)\"")]
    private static partial Regex Word();
}
