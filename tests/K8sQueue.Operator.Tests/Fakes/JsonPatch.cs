using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;

namespace K8sQueue.Operator.Tests.Fakes;

/// <summary>RFC 6902: test, add, replace and remove.</summary>
internal static class JsonPatch
{
    public static void Apply(JsonObject target, JsonArray patch)
    {
        foreach (var operation in patch)
            Apply(target, (JsonObject)operation!);
    }

    private static void Apply(JsonObject target, JsonObject operation)
    {
        var path = ((string)operation["path"]!).Split('/')[1..].Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        JsonNode? parent = target;
        foreach (var part in path[..^1])
            parent = Child(parent, part) ?? throw Failed();
        var last = path[^1];
        switch ((string?)operation["op"])
        {
            case "test" when JsonNode.DeepEquals(Child(parent, last), operation["value"]):
                break;
            case "replace" or "add" when parent is JsonObject map:
                map[last] = operation["value"]?.DeepClone();
                break;
            case "remove" when parent is JsonObject map && map.Remove(last):
                break;
            case "remove" when parent is JsonArray list && int.Parse(last, CultureInfo.InvariantCulture) < list.Count:
                list.RemoveAt(int.Parse(last, CultureInfo.InvariantCulture));
                break;
            default:
                throw Failed();
        }
    }

    private static JsonNode? Child(JsonNode? node, string part) => node switch
    {
        JsonObject map => map[part],
        JsonArray list when int.TryParse(part, CultureInfo.InvariantCulture, out var index) && index < list.Count => list[index],
        _ => null,
    };

    private static KubernetesApiException Failed() => new(HttpStatusCode.UnprocessableEntity, "Invalid", "the patch does not apply");
}
