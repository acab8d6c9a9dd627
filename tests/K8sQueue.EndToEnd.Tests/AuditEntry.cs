using System.Text.Json.Nodes;

namespace K8sQueue.EndToEnd.Tests;

/// <summary>A request, by the API server's audit log (audit.k8s.io/v1, one a line).</summary>
/// <param name="Right">Verb and resource, as <see cref="RightOf"/> writes them.</param>
/// <param name="Namespace">Null at the scope of the cluster.</param>
internal sealed record AuditEntry(string User, string Right, string? Namespace, string? Name, int Code)
{
    private static readonly string[] Reads = ["get", "list", "watch"];

    public bool IsWrite => !Reads.Contains(Right[..Right.IndexOf(' ', StringComparison.Ordinal)]);

    /// <summary>Requests for resources; the log may grow meanwhile.</summary>
    public static IEnumerable<AuditEntry> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        while (reader.ReadLine() is { } line)
        {
            if (line.EndsWith('}') && Parse(JsonNode.Parse(line)!) is { } entry)
                yield return entry;
        }
    }

    public static string RightOf(string verb, string group, string resource)
    {
        var parts = resource.Split('/');
        var name = group.Length == 0 ? parts[0] : $"{parts[0]}.{group}";
        return parts.Length == 1 ? $"{verb} {name}" : $"{verb} {name}/{parts[1]}";
    }

    private static AuditEntry? Parse(JsonNode entry)
    {
        if (entry["objectRef"] is not { } target || entry["responseStatus"] is not { } response)
            return null;
        var (resource, subresource) = ((string?)target["resource"] ?? "", (string?)target["subresource"]);
        return new AuditEntry(
            (string?)entry["user"]?["username"] ?? "",
            RightOf((string)entry["verb"]!, (string?)target["apiGroup"] ?? "", subresource is null ? resource : $"{resource}/{subresource}"),
            (string?)target["namespace"],
            (string?)target["name"],
            (int?)response["code"] ?? 0);
    }
}
