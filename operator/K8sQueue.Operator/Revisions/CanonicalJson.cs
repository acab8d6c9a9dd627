using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Operator.Revisions;

/// <summary>
/// JSON bytes that depend on the content only: keys in ordinal order, no white space. What nests deeper than any field of Kubernetes does stays
/// in the order in which it is: a step of this walk is a step on the stack, and a template may nest thousands deep.
/// </summary>
internal static class CanonicalJson
{
    private const int OrderedDepth = 64;

    private static readonly JsonWriterOptions Options = new() { MaxDepth = KubernetesJson.MaxDepth };

    public static byte[] Write(JsonNode node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
            Write(writer, node, depth: 0);
        return stream.ToArray();
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? node, int depth)
    {
        switch (node)
        {
            case null:
                writer.WriteNullValue();
                break;
            case JsonObject map when depth < OrderedDepth:
                writer.WriteStartObject();
                foreach (var (key, value) in map.OrderBy(entry => entry.Key, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(key);
                    Write(writer, value, depth + 1);
                }

                writer.WriteEndObject();
                break;
            case JsonArray list when depth < OrderedDepth:
                writer.WriteStartArray();
                foreach (var item in list)
                    Write(writer, item, depth + 1);
                writer.WriteEndArray();
                break;
            default:
                node.WriteTo(writer);
                break;
        }
    }
}
