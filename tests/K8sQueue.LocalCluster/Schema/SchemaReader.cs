using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Schema;

/// <summary>Reads an openAPIV3Schema.</summary>
internal static class SchemaReader
{
    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    public static StructuralSchema Read(JsonObject json)
    {
        var values = json["additionalProperties"];
        return new StructuralSchema
        {
            Type = json.TextAt("type"),
            Properties = Named(json.MapAt("properties")),
            Values = values is JsonObject map ? Read(map) : IsTrue(values) ? StructuralSchema.Any : null,
            Items = json.MapAt("items") is { } items ? Read(items) : null,
            Required = Texts(json.ListAt("required")),
            Default = json["default"]?.DeepClone(),
            Nullable = json.FlagAt("nullable"),
            PreserveUnknown = json.FlagAt("x-kubernetes-preserve-unknown-fields"),
            IntOrString = json.FlagAt("x-kubernetes-int-or-string"),
            EmbeddedResource = json.FlagAt("x-kubernetes-embedded-resource"),
            ListKind = json.TextAt("x-kubernetes-list-type") switch { "map" => ListKind.Map, "set" => ListKind.Set, _ => ListKind.Atomic },
            ListMapKeys = Texts(json.ListAt("x-kubernetes-list-map-keys")),
            AtomicMap = json.TextAt("x-kubernetes-map-type") == "atomic",
            Limits = LimitsOf(json),
            Rules = [.. json.ListAt("x-kubernetes-validations")?.OfType<JsonObject>().Select(RuleOf) ?? []],
        };
    }

    private static ValidationRule RuleOf(JsonObject rule) => new(
        rule.TextAt("rule") ?? "",
        rule.TextAt("message"),
        rule.TextAt("reason"),
        rule.TextAt("fieldPath"),
        rule.FlagAt("optionalOldSelf"));

    private static ValueLimits LimitsOf(JsonObject json)
    {
        var limits = new ValueLimits
        {
            Enum = json.ListAt("enum") is { } allowed ? [.. allowed.Select(a => a?.DeepClone())] : null,
            PatternText = json.TextAt("pattern"),
            Pattern = json.TextAt("pattern") is { } pattern ? new Regex(EndAnchored(pattern), RegexOptions.CultureInvariant, PatternTimeout) : null,
            Format = json.TextAt("format"),
            Minimum = Number(json["minimum"]),
            Maximum = Number(json["maximum"]),
            ExclusiveMinimum = json.FlagAt("exclusiveMinimum"),
            ExclusiveMaximum = json.FlagAt("exclusiveMaximum"),
            MultipleOf = Number(json["multipleOf"]),
            MinLength = json.NumberAt("minLength"),
            MaxLength = json.NumberAt("maxLength"),
            MinItems = json.NumberAt("minItems"),
            MaxItems = json.NumberAt("maxItems"),
            MinProperties = json.NumberAt("minProperties"),
            MaxProperties = json.NumberAt("maxProperties"),
            UniqueItems = json.FlagAt("uniqueItems"),
            AllOf = List(json.ListAt("allOf")),
            AnyOf = json.FlagAt("x-kubernetes-int-or-string") ? [] : List(json.ListAt("anyOf")),
            OneOf = List(json.ListAt("oneOf")),
            Not = json.MapAt("not") is { } not ? Read(not) : null,
        };
        return limits == ValueLimits.None ? ValueLimits.None : limits;
    }

    /// <summary>Go's $ is the end of the text; .NET's also matches before a last newline.</summary>
    private static string EndAnchored(string pattern) =>
        pattern.EndsWith('$') && !pattern.EndsWith("\\$", StringComparison.Ordinal) ? pattern[..^1] + "\\z" : pattern;

    private static List<StructuralSchema> List(JsonArray? list) => [.. list?.OfType<JsonObject>().Select(Read) ?? []];

    private static Dictionary<string, StructuralSchema> Named(JsonObject? map) =>
        map?.Where(p => p.Value is JsonObject).ToDictionary(p => p.Key, p => Read((JsonObject)p.Value!), StringComparer.Ordinal) ?? [];

    private static List<string> Texts(JsonArray? list) => [.. list?.Select(t => t.AsText()).OfType<string>() ?? []];

    private static bool IsTrue(JsonNode? node) => node?.GetValueKind() == JsonValueKind.True;

    private static decimal? Number(JsonNode? node) =>
        node?.GetValueKind() == JsonValueKind.Number
            && decimal.TryParse(node.Show(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
