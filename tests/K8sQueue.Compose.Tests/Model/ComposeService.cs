using System.Globalization;
using System.Text.Json.Nodes;

namespace K8sQueue.Compose.Tests.Model;

/// <summary>One service of a compose file.</summary>
internal sealed class ComposeService(string name, JsonObject fields)
{
    public string Name => name;

    public string Image => Text("image") ?? "";

    /// <summary><c>ghcr.io/k8squeue/api</c>.</summary>
    public string Repository => Image.Contains(':') ? Image[..Image.LastIndexOf(':')] : Image;

    public string Tag => Image[Repository.Length..].TrimStart(':');

    /// <summary>The Dockerfile that it is built from, where it is, within the folder of the file.</summary>
    public string? Dockerfile => fields["build"]?["dockerfile"]?.ToString();

    public IReadOnlyList<string> Command => List("command");

    public IReadOnlyDictionary<string, string> Environment => Map("environment").ToDictionary(entry => entry.Key, entry => entry.Value!.ToString());

    public IReadOnlyList<PublishedPort> Ports => [.. List("ports").Select(PublishedPort.Parse)];

    public IReadOnlyList<int> Exposed => [.. List("expose").Select(port => int.Parse(port, CultureInfo.InvariantCulture))];

    public IReadOnlyList<MountedSecret> Secrets => [.. Nodes("secrets").Select(MountedSecret.Parse)];

    public IReadOnlyList<Mount> Volumes => [.. List("volumes").Select(Mount.Parse)];

    /// <summary>Folders in memory: their paths.</summary>
    public IReadOnlyList<string> Tmpfs => [.. List("tmpfs").Select(entry => entry.Split(':')[0])];

    public IReadOnlyList<string> Networks => List("networks") is { Count: > 0 } networks ? networks : ["default"];

    /// <summary>What it waits for, and for which condition.</summary>
    public IReadOnlyDictionary<string, string> DependsOn => Map("depends_on").ToDictionary(entry => entry.Key, entry => entry.Value!["condition"]?.ToString() ?? "");

    public IReadOnlyList<string> HealthTest => [.. (fields["healthcheck"]?["test"] as JsonArray ?? []).Select(word => word!.ToString())];

    public TimeSpan? HealthTimeout => Duration(fields["healthcheck"]?["timeout"]?.ToString());

    public TimeSpan? HealthInterval => Duration(fields["healthcheck"]?["interval"]?.ToString());

    public TimeSpan? StopGracePeriod => Duration(Text("stop_grace_period"));

    public string? MemoryLimit => fields["deploy"]?["resources"]?["limits"]?["memory"]?.ToString();

    public int Replicas => int.Parse(fields["deploy"]?["replicas"]?.ToString() ?? "1", CultureInfo.InvariantCulture);

    public string? Text(string field) => fields[field] is JsonValue value ? value.ToString() : null;

    public IReadOnlyList<string> List(string field) => [.. Nodes(field).Select(node => node.ToString())];

    public bool Has(string field) => fields.ContainsKey(field);

    /// <summary>Its variables and its command: where other services, files and secrets are named.</summary>
    public IEnumerable<string> Texts => Environment.Values.Concat(Command);

    private IEnumerable<JsonNode> Nodes(string field) => (fields[field] as JsonArray ?? []).Select(node => node!);

    private JsonObject Map(string field) => fields[field] as JsonObject ?? [];

    private static TimeSpan? Duration(string? text) => text is null
        ? null
        : TimeSpan.FromSeconds(text[^1] switch
        {
            's' => int.Parse(text[..^1], CultureInfo.InvariantCulture),
            'm' => 60 * int.Parse(text[..^1], CultureInfo.InvariantCulture),
            _ => throw new FormatException($"No duration that this test knows: {text}"),
        });
}

/// <summary><c>127.0.0.1:8443:8443</c>.</summary>
internal sealed record PublishedPort(string Address, string Host, int Container)
{
    public static PublishedPort Parse(string text)
    {
        var parts = text.Split(':');
        return new PublishedPort(parts.Length > 2 ? parts[0] : "", parts.Length > 1 ? parts[^2] : "", int.Parse(parts[^1], CultureInfo.InvariantCulture));
    }
}

/// <summary>A secret where a container sees it.</summary>
internal sealed record MountedSecret(string Name, string Path)
{
    private const string Folder = "/run/secrets/";

    public static MountedSecret Parse(JsonNode node) => node is JsonObject fields
        ? new MountedSecret(fields["source"]!.ToString(), fields["target"]?.ToString() ?? Folder + fields["source"])
        : new MountedSecret(node.ToString(), Folder + node);
}

/// <summary>A file or folder of the repository, or a named volume, where a container sees it.</summary>
internal sealed record Mount(string Source, string Target, bool ReadOnly)
{
    public bool IsNamed => !Source.StartsWith('.') && !Source.StartsWith('/');

    public static Mount Parse(string text)
    {
        var parts = text.Split(':');
        return new Mount(parts[0], parts[1], parts.Length > 2 && parts[2] == "ro");
    }
}
