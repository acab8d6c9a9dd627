using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Patching;
using K8sQueue.LocalCluster.Resources;

namespace K8sQueue.LocalCluster.Operations;

internal enum PatchKind
{
    Json,
    Merge,
    StrategicMerge,
}

/// <summary>PATCH but for apply: read, patch, write, again while others write in between.</summary>
internal sealed class ObjectPatcher(ObjectReader reader, ObjectUpdater updater)
{
    /// <exception cref="ClusterApiException">Any refusal.</exception>
    public JsonObject Patch(ResourceEndpoint endpoint, string? @namespace, string name, PatchKind kind, JsonNode? patch, WriteOptions options)
    {
        while (true)
        {
            var stored = reader.Get(endpoint, @namespace, name);
            var live = endpoint.FromStorage(stored.Value);
            var isScale = options.Subresource == "scale";
            var patched = Patched(endpoint, isScale ? ScaleView.Read(endpoint, live) : live, kind, patch);
            var value = isScale ? ScaleView.Write(endpoint, live, patched) : patched;
            Address.Claim(endpoint, stored.Namespace, name, value);
            if (updater.TryWrite(endpoint, stored, value, options) is { } written)
                return isScale ? ScaleView.Read(endpoint, written) : written;
        }
    }

    private static JsonObject Patched(ResourceEndpoint endpoint, JsonObject target, PatchKind kind, JsonNode? patch)
    {
        var result = kind switch
        {
            PatchKind.Json => JsonPatch.Apply(target, patch),
            PatchKind.Merge => MergePatch.Apply(target, patch),
            _ => StrategicMergePatch.Apply(
                endpoint.Version.Schema, target, patch as JsonObject ?? throw ApiErrors.BadRequest("a strategic merge patch is an object")),
        };
        return result as JsonObject ?? throw ApiErrors.BadRequest("the patched document is not an object");
    }
}
