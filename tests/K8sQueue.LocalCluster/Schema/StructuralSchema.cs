using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace K8sQueue.LocalCluster.Schema;

internal enum ListKind
{
    Atomic,
    Set,
    Map,
}

/// <summary>
/// The shape of a value: of a custom resource as its definition has it, of a built-in kind as <c>BuiltIns/*.schema</c> has it. One type
/// for both serves pruning, defaulting, validation, and what server-side apply and strategic merge need to know of lists.
/// </summary>
internal sealed record StructuralSchema
{
    /// <summary>Any value, kept as it is.</summary>
    public static readonly StructuralSchema Any = new() { PreserveUnknown = true };

    /// <summary>object, array, string, integer, number or boolean; null where any will do.</summary>
    public string? Type { get; init; }

    public IReadOnlyDictionary<string, StructuralSchema> Properties { get; init; } = new Dictionary<string, StructuralSchema>();

    /// <summary>The schema of a map's values; null where the map has only properties.</summary>
    public StructuralSchema? Values { get; init; }

    public StructuralSchema? Items { get; init; }

    public IReadOnlyList<string> Required { get; init; } = [];

    public JsonNode? Default { get; init; }

    public bool Nullable { get; init; }

    public bool PreserveUnknown { get; init; }

    public bool IntOrString { get; init; }

    /// <summary>A built-in Quantity: a number, or a text such as 100m or 1Gi.</summary>
    public bool IsQuantity { get; init; }

    public bool EmbeddedResource { get; init; }

    public ListKind ListKind { get; init; }

    public IReadOnlyList<string> ListMapKeys { get; init; } = [];

    /// <summary>The one key by which a strategic merge patch finds items, where it isn't the first of <see cref="ListMapKeys"/>.</summary>
    public string? PatchMergeKey { get; init; }

    public bool AtomicMap { get; init; }

    public ValueLimits Limits { get; init; } = ValueLimits.None;

    public IReadOnlyList<ValidationRule> Rules { get; init; } = [];

    public bool IsMap => Values is not null;

    /// <summary>The schema of a member; null where it isn't declared.</summary>
    public StructuralSchema? Member(string name) => Properties.GetValueOrDefault(name) ?? Values;
}

/// <summary>An x-kubernetes-validations entry.</summary>
internal sealed record ValidationRule(string Rule, string? Message, string? Reason, string? FieldPath, bool OptionalOldSelf);

/// <summary>The value validations of a schema.</summary>
internal sealed record ValueLimits
{
    public static readonly ValueLimits None = new();

    public IReadOnlyList<JsonNode?>? Enum { get; init; }

    public string? PatternText { get; init; }

    public Regex? Pattern { get; init; }

    public string? Format { get; init; }

    public decimal? Minimum { get; init; }

    public decimal? Maximum { get; init; }

    public bool ExclusiveMinimum { get; init; }

    public bool ExclusiveMaximum { get; init; }

    public decimal? MultipleOf { get; init; }

    public long? MinLength { get; init; }

    public long? MaxLength { get; init; }

    public long? MinItems { get; init; }

    public long? MaxItems { get; init; }

    public long? MinProperties { get; init; }

    public long? MaxProperties { get; init; }

    public bool UniqueItems { get; init; }

    public IReadOnlyList<StructuralSchema> AllOf { get; init; } = [];

    public IReadOnlyList<StructuralSchema> AnyOf { get; init; } = [];

    public IReadOnlyList<StructuralSchema> OneOf { get; init; } = [];

    public StructuralSchema? Not { get; init; }
}
