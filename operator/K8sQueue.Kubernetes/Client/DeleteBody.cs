using System.Text.Json.Nodes;

namespace K8sQueue.Kubernetes.Client;

/// <summary>The DeleteOptions object that a DELETE carries.</summary>
internal static class DeleteBody
{
    public static JsonNode Of(DeleteOptions options)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "DeleteOptions",
            ["propagationPolicy"] = options.PropagationPolicy ?? "Background",
        };
        if (options.GracePeriodSeconds is { } grace)
            body["gracePeriodSeconds"] = grace;
        var preconditions = new JsonObject();
        if (options.Uid is not null)
            preconditions["uid"] = options.Uid;
        if (options.ResourceVersion is not null)
            preconditions["resourceVersion"] = options.ResourceVersion;
        if (preconditions.Count > 0)
            body["preconditions"] = preconditions;
        return body;
    }
}
