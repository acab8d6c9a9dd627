using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Resources.Pods;

/// <summary>
/// Looks into what people wrote where no schema holds it: what is not of the kind that is asked for is not there. The API server is the one to
/// refuse it, in words of its own.
/// </summary>
internal static class JsonReads
{
    /// <summary>The field; null where the node is no object, or has none.</summary>
    public static JsonNode? At(this JsonNode? node, string name) => (node as JsonObject)?[name];

    public static string? Text(this JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    public static int? Number(this JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;

    public static bool IsTrue(this JsonNode? node) => node is JsonValue value && value.TryGetValue<bool>(out var flag) && flag;

    /// <summary>The item of a list with that name; null where there is none.</summary>
    public static JsonObject? Named(this JsonArray list, string name) =>
        list.OfType<JsonObject>().FirstOrDefault(item => item["name"].Text() == name);
}
