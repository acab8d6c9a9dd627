using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace K8sQueue.LocalCluster.Objects;

/// <summary>The assembly's serialiser: only trees.</summary>
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonArray))]
[JsonSerializable(typeof(JsonValue))]
internal sealed partial class LocalClusterJson : JsonSerializerContext;
