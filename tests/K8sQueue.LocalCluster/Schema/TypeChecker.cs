using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace K8sQueue.LocalCluster.Schema;

/// <summary>
/// Types of built-in kinds, which the real server decodes into structs: the first value that does not fit is an error of decoding (400),
/// not of validation (422).
/// </summary>
internal static partial class TypeChecker
{
    private const string Quantity = "^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$";

    /// <summary>The decoder's message, or null.</summary>
    public static string? FirstMismatch(StructuralSchema schema, JsonNode? value, string path = "")
    {
        if (value is null)
            return null;
        if (schema.IsQuantity && !QuantityPattern().IsMatch(value.ToString()))
            return $"quantities must match the regular expression '{Quantity}'";
        if (!Fits(schema, value))
            return $"json: cannot unmarshal {Name(value)} into Go struct field {(path.Length == 0 ? "." : path)} of type {schema.Type}";
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    if (schema.Member(name) is { } member
                        && FirstMismatch(member, child, path.Length == 0 ? name : $"{path}.{name}") is { } mismatch)
                        return mismatch;
                }

                break;
            case JsonArray list when schema.Items is { } items:
                foreach (var child in list)
                {
                    if (FirstMismatch(items, child, path) is { } mismatch)
                        return mismatch;
                }

                break;
        }

        return null;
    }

    /// <summary>Whether the value's JSON type is the schema's.</summary>
    public static bool Fits(StructuralSchema schema, JsonNode value)
    {
        var kind = value.GetValueKind();
        if (schema.IntOrString)
            return kind is JsonValueKind.String || IsInteger(value);
        return schema.Type switch
        {
            "object" => kind == JsonValueKind.Object,
            "array" => kind == JsonValueKind.Array,
            "string" => kind == JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "number" => kind == JsonValueKind.Number,
            "integer" => IsInteger(value),
            _ => true,
        };
    }

    /// <summary>The JSON type, as Go's decoder and OpenAPI's validator call it.</summary>
    public static string Name(JsonNode? value) => value?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        JsonValueKind.Number => IsInteger(value) ? "integer" : "number",
        _ => "null",
    };

    private static bool IsInteger(JsonNode value) =>
        value.GetValueKind() == JsonValueKind.Number && Objects.JsonTree.AsInteger(value) is not null;

    [GeneratedRegex(Quantity, RegexOptions.CultureInvariant)]
    private static partial Regex QuantityPattern();
}
