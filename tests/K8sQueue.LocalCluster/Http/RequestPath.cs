namespace K8sQueue.LocalCluster.Http;

/// <summary>The parts of a resource URL: /api/v1/... or /apis/group/version/...</summary>
internal sealed record RequestPath(string Group, string Version, string? Namespace, string Plural, string? Name, string? Subresource)
{
    /// <summary>Null where the path names no resource (discovery, or nothing at all).</summary>
    public static RequestPath? Parse(string path)
    {
        var segments = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isCore = segments.Length > 2 && segments[0] == "api";
        if (!isCore && !(segments.Length > 3 && segments[0] == "apis"))
            return null;
        var (group, version) = isCore ? ("", segments[1]) : (segments[1], segments[2]);
        var rest = isCore ? segments[2..] : segments[3..];
        string? @namespace = null;
        if (rest[0] == "namespaces" && rest.Length > 2 && rest[2] is not ("status" or "finalize"))
        {
            @namespace = Uri.UnescapeDataString(rest[1]);
            rest = rest[2..];
        }

        if (rest.Length > 3)
            return null;
        return new RequestPath(
            group, version, @namespace, rest[0],
            rest.Length > 1 ? Uri.UnescapeDataString(rest[1]) : null,
            rest.Length > 2 ? rest[2] : null);
    }
}
