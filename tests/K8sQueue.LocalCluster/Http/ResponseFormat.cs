using K8sQueue.LocalCluster.Api;

namespace K8sQueue.LocalCluster.Http;

internal enum ResponseShape
{
    Object,
    Table,
    Metadata,
}

/// <summary>What the Accept header asks for.</summary>
internal static class ResponseFormat
{
    /// <exception cref="ClusterApiException">NotAcceptable: only formats that are not spoken here.</exception>
    public static ResponseShape Of(HttpRequest request)
    {
        var accept = request.Headers.Accept.ToString();
        if (accept.Length == 0)
            return ResponseShape.Object;
        foreach (var entry in accept.Split(','))
        {
            var parts = entry.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is not ("application/json" or "*/*" or "application/*"))
                continue;
            switch (Array.Find(parts, p => p.StartsWith("as=", StringComparison.Ordinal)))
            {
                case null:
                    return ResponseShape.Object;
                case "as=Table" when parts.Contains("v=v1"):
                    return ResponseShape.Table;
                case "as=PartialObjectMetadata" or "as=PartialObjectMetadataList" when parts.Contains("v=v1"):
                    return ResponseShape.Metadata;
            }
        }

        throw new ClusterApiException(406, "NotAcceptable", "only the following media types are accepted: application/json");
    }
}
