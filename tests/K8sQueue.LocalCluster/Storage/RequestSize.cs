using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;

namespace K8sQueue.LocalCluster.Storage;

/// <summary>What etcd takes of one object: --max-request-bytes, by default 1.5 MiB. Only texts are counted; they are what makes an object large.</summary>
internal static class RequestSize
{
    public const long Max = 1536 * 1024;

    /// <exception cref="ClusterApiException">InternalError, as the real server says it.</exception>
    public static void Ensure(JsonObject value)
    {
        if (Of(value) > Max)
            throw new ClusterApiException(500, "InternalError", "etcdserver: request is too large");
    }

    private static long Of(JsonNode? node) => node switch
    {
        JsonObject map => map.Sum(entry => entry.Key.Length + Of(entry.Value)),
        JsonArray list => list.Sum(Of),
        JsonValue value when value.TryGetValue(out string? text) => text.Length,
        _ => 0,
    };
}
