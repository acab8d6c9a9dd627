namespace K8sQueue.Kubernetes.Telemetry;

/// <summary>A path of the API with its names taken out, so that it is the same for all objects of a kind.</summary>
internal static class RequestTemplate
{
    public static string Of(string path)
    {
        var end = path.IndexOf('?', StringComparison.Ordinal);
        var segments = (end < 0 ? path : path[..end]).Split('/');

        // api/v1/..., apis/group/version/...
        var at = segments[0] == "api" ? 2 : 3;
        if (at < segments.Length - 1 && segments[at] == "namespaces")
        {
            segments[at + 1] = "{namespace}";
            at += 2;
        }

        if (at < segments.Length - 1)
            segments[at + 1] = "{name}";
        return "/" + string.Join('/', segments);
    }
}
