using System.Text.Json;
using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Objects;

/// <summary>Reading and building JSON trees without surprises: a member of the wrong type reads as absent.</summary>
internal static class JsonTree
{
    /// <summary>The child at the path; null where any step of it is missing or of another type.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (node is not JsonObject map || !map.TryGetPropertyValue(step, out node))
                return null;
        }

        return node;
    }

    public static JsonObject? MapAt(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

    public static JsonArray? ListAt(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonArray;

    public static string? TextAt(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path).AsText();

    public static long? NumberAt(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path).AsInteger();

    public static bool FlagAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && value.GetValueKind() == JsonValueKind.True;

    public static string? AsText(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    public static long? AsInteger(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number ? Number(value) : null;

    /// <summary>The map at the path, made where it is missing.</summary>
    public static JsonObject Need(this JsonObject node, params ReadOnlySpan<string> path)
    {
        foreach (var step in path)
        {
            if (node[step] is not JsonObject next)
                node[step] = next = [];
            node = next;
        }

        return node;
    }

    /// <summary>
    /// Walks the whole tree, after which reading it changes nothing in it: a node that comes from a parser builds its members on first
    /// use, which two readers must not do at once. Returns how many nodes there are.
    /// </summary>
    public static int Freeze(this JsonNode node) => Walk(node);

    public static JsonObject Copy(this JsonObject node) => (JsonObject)node.DeepClone();

    public static JsonArray Texts(IEnumerable<string> values) => new([.. values.Select(v => (JsonNode?)JsonValue.Create(v))]);

    /// <summary>The text of a value as Go's encoder writes it in messages.</summary>
    public static string Show(this JsonNode? node) => node?.ToJsonString(Relaxed) ?? "null";

    public static byte[] Utf8(this JsonNode node)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = Relaxed.Encoder }))
            node.WriteTo(writer);
        return buffer.ToArray();
    }

    private static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = LocalClusterJson.Default,
    };

    private static long? Number(JsonValue value)
    {
        if (value.TryGetValue(out long whole))
            return whole;
        if (value.TryGetValue(out int small))
            return small;
        return value.TryGetValue(out double real) && Math.Floor(real) == real && Math.Abs(real) < long.MaxValue ? (long)real : null;
    }

    private static int Walk(JsonNode? node)
    {
        var count = 1;
        switch (node)
        {
            case JsonObject map:
                foreach (var (_, child) in map)
                    count += Walk(child);
                break;
            case JsonArray list:
                foreach (var child in list)
                    count += Walk(child);
                break;
        }

        return count;
    }
}
