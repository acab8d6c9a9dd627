using System.Text.RegularExpressions;
using K8sQueue.Compose.Tests.Model;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Rules;

/// <summary>Images are pinned, and those that the chart has are the chart's; a service that builds one starts its program as the image does.</summary>
internal static partial class ImageRule
{
    private static readonly string Release = ChartText("Chart.yaml", AppVersion());
    private static readonly string Redis = $"docker.io/library/redis:{ChartText("values.yaml", RedisTag())}";

    public static IEnumerable<string> Faults(Topology topology)
    {
        foreach (var (file, service) in topology.Services)
        {
            if (service.Tag is "" or "latest" || !service.Tag.Any(char.IsAsciiDigit))
                yield return $"{service.Name}: '{service.Image}' is not pinned";
            if (!service.Repository.Split('/')[0].Contains('.') && service.Dockerfile is null)
                yield return $"{service.Name}: '{service.Image}' does not say its registry";
            if (service.Repository.EndsWith("/redis", StringComparison.Ordinal) && service.Image != Redis)
                yield return $"{service.Name}: '{service.Image}' is not the chart's, {Redis}";
            if (K8sQueueImage.Of(file, service) is not { } own)
                continue;
            if (service.Tag != Release)
                yield return $"{service.Name}: '{service.Image}' is not of this release, {Release}";
            if (service.Dockerfile is { } path)
            {
                foreach (var fault in BuildFaults(file.TextOf(path)!, own))
                    yield return $"{service.Name}: {path} {fault}";
            }
        }
    }

    private static IEnumerable<string> BuildFaults(string dockerfile, K8sQueueImage own)
    {
        if (!dockerfile.Contains($"FROM {own.Repository}:{Release} AS ", StringComparison.Ordinal))
            yield return $"is not made from {own.Repository}:{Release}";
        if (!dockerfile.Contains($"\nENTRYPOINT [{string.Join(", ", own.EntryPoint.Select(word => $"\"{word}\""))}]\n", StringComparison.Ordinal))
            yield return $"does not start {string.Join(' ', own.EntryPoint)}";
        if (!dockerfile.Contains("\nUSER 1654:1654\n", StringComparison.Ordinal))
            yield return "is not of the user 1654";
    }

    private static string ChartText(string file, Regex pattern) =>
        pattern.Match(File.ReadAllText(Path.Combine(RepositoryFolder.Root, "charts", "k8squeue", file))).Groups["value"].Value;

    [GeneratedRegex(@"^appVersion: (?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex AppVersion();

    [GeneratedRegex(@"repository: docker.io/library/redis\s+tag: (?<value>\S+)")]
    private static partial Regex RedisTag();
}
