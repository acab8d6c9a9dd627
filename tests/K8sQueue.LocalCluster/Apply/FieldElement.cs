using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Apply;

/// <summary>The elements of field paths.</summary>
internal static class FieldElement
{
    public static string Field(string name) => "f:" + name;

    /// <summary>The element of an item of a set or of a list with keys; null where the item lacks a key.</summary>
    public static string? Item(StructuralSchema list, JsonNode? item)
    {
        if (list.ListKind == ListKind.Set)
            return "v:" + item.Show();
        var keys = new StringBuilder();
        foreach (var key in list.ListMapKeys.Order(StringComparer.Ordinal))
        {
            var value = item.At(key) ?? list.Items?.Member(key)?.Default;
            if (value is not null)
                keys.Append(keys.Length == 0 ? '{' : ',').Append('"').Append(key).Append("\":").Append(value.Show());
        }

        return keys.Length == 0 ? null : $"k:{keys}}}";
    }

    /// <summary>As messages have it: .name, [name="x"], [="x"].</summary>
    public static string Show(string element)
    {
        var body = element[2..];
        switch (element[0])
        {
            case 'k' when JsonNode.Parse(body) is JsonObject keys:
                return $"[{string.Join(",", keys.Select(k => $"{k.Key}={k.Value.Show()}"))}]";
            case 'v':
                return $"[={body}]";
            case 'i':
                return $"[{body}]";
            default:
                return $".{body}";
        }
    }

    /// <summary>How server-side apply sees a value.</summary>
    public static FieldShape ShapeOf(StructuralSchema schema, JsonNode? value) => value switch
    {
        JsonObject => schema.AtomicMap ? FieldShape.Leaf : FieldShape.Map,
        JsonArray => schema.ListKind == ListKind.Atomic ? FieldShape.Leaf : FieldShape.Items,
        _ => FieldShape.Leaf,
    };

    /// <summary>The schema of a member; any where the object keeps unknown members; null where it isn't declared.</summary>
    public static StructuralSchema? MemberOf(StructuralSchema schema, string name) =>
        schema.Member(name) ?? (schema.PreserveUnknown ? StructuralSchema.Any : null);

    public static bool IsScalar(JsonNode? node) =>
        node is null || node.GetValueKind() is not (JsonValueKind.Object or JsonValueKind.Array);
}

internal enum FieldShape
{
    /// <summary>A scalar, or a value that is owned as a whole.</summary>
    Leaf,
    Map,

    /// <summary>A list whose items are told apart by keys or by value.</summary>
    Items,
}
