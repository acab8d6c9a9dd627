using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Patching;

/// <summary>RFC 6902.</summary>
internal static class JsonPatch
{
    private const int MaxOperations = 10_000;

    /// <exception cref="ClusterApiException">BadRequest for a malformed patch, Invalid where it does not apply.</exception>
    public static JsonNode Apply(JsonNode target, JsonNode? patch)
    {
        if (patch is not JsonArray operations)
            throw ApiErrors.BadRequest("error decoding patch: a JSON patch is a list of operations");
        if (operations.Count > MaxOperations)
            throw new ClusterApiException(413, "RequestEntityTooLarge", $"The allowed maximum operations in a JSON patch is {MaxOperations}");
        var root = target.DeepClone();
        foreach (var operation in operations)
            root = Run(root, operation);
        return root;
    }

    private static JsonNode Run(JsonNode root, JsonNode? operation)
    {
        var path = Path(operation, "path");
        switch (operation.TextAt("op"))
        {
            case "add":
                return Add(root, path, operation.At("value")?.DeepClone());
            case "remove":
                Remove(root, path);
                return root;
            case "replace":
                if (path.Length == 0)
                    return operation.At("value")?.DeepClone() ?? throw Unapplied("replace of the whole document by null");
                Remove(root, path);
                return Add(root, path, operation.At("value")?.DeepClone());
            case "copy":
                return Add(root, path, Find(root, Path(operation, "from"))?.DeepClone());
            case "move":
                var from = Path(operation, "from");
                var moved = Find(root, from)?.DeepClone();
                Remove(root, from);
                return Add(root, path, moved);
            case "test":
                if (!JsonNode.DeepEquals(Find(root, path), operation.At("value")))
                    throw Unapplied($"testing value {operation.TextAt("path")} failed");
                return root;
            default:
                throw ApiErrors.BadRequest($"error decoding patch: unknown operation {operation.At("op").Show()}");
        }
    }

    private static string[] Path(JsonNode? operation, string member)
    {
        var text = operation.TextAt(member) ?? throw ApiErrors.BadRequest($"error decoding patch: an operation without {member}");
        if (text.Length == 0)
            return [];
        if (text[0] != '/')
            throw ApiErrors.BadRequest($"error decoding patch: a path starts with '/': {text}");
        return [.. text[1..].Split('/').Select(s => s.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    private static JsonNode? Find(JsonNode root, ReadOnlySpan<string> path)
    {
        JsonNode? node = root;
        foreach (var step in path)
        {
            node = node switch
            {
                JsonObject map when map.TryGetPropertyValue(step, out var child) => child,
                JsonArray list => list[Index(list, step, list.Count - 1)],
                _ => throw Unapplied($"missing path: {step}"),
            };
        }

        return node;
    }

    private static JsonNode Add(JsonNode root, string[] path, JsonNode? value)
    {
        if (path.Length == 0)
            return value ?? throw Unapplied("the document can't become null");
        switch (Find(root, path.AsSpan(0, path.Length - 1)))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray list:
                list.Insert(path[^1] == "-" ? list.Count : Index(list, path[^1], list.Count), value);
                break;
            default:
                throw Unapplied($"add operation does not apply: doc is missing path: \"/{string.Join('/', path)}\"");
        }

        return root;
    }

    private static void Remove(JsonNode root, string[] path)
    {
        switch (path.Length == 0 ? null : Find(root, path.AsSpan(0, path.Length - 1)))
        {
            case JsonObject map when map.Remove(path[^1]):
                return;
            case JsonArray list:
                list.RemoveAt(Index(list, path[^1], list.Count - 1));
                return;
            default:
                throw Unapplied($"remove operation does not apply: doc is missing key: /{string.Join('/', path)}: missing value");
        }
    }

    private static int Index(JsonArray list, string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index <= most
            ? index
            : throw Unapplied($"index {text} is out of bounds of a list of {list.Count}");

    private static ClusterApiException Unapplied(string why) =>
        new(422, "Invalid", $"the server rejected our request due to an error in our request: {why}");
}
