namespace K8sQueue.Operator.Entities.Schema;

/// <summary>The property's initial value is its default in the CRD; an object's is <c>{}</c>, so that the defaults inside it apply.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class DefaultedAttribute : Attribute;

/// <summary>The list is a map by this field: no two items share it, and server-side apply merges item by item.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ListKeyAttribute(string field) : Attribute
{
    public string Field { get; } = field;
}

/// <summary>Fields that the schema does not declare are kept: another API validates them.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class PreserveUnknownFieldsAttribute : Attribute;

/// <summary>The longest value of a string map, or of an item of a string list, in characters.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ValueMaxLengthAttribute(int length) : Attribute
{
    public int Length { get; } = length;
}

/// <summary>A column of <c>kubectl get</c>.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
internal sealed class PrinterColumnAttribute(string name, string type, string jsonPath) : Attribute
{
    public string Name { get; } = name;

    public string Type { get; } = type;

    public string JsonPath { get; } = jsonPath;

    public string? Description { get; init; }

    /// <summary>1 shows the column only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}

/// <summary>Short names, and where the scale subresource finds its fields (none where the resource has no scale).</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class CustomResourceAttribute(string singular, params string[] shortNames) : Attribute
{
    public string Singular { get; } = singular;

    public IReadOnlyList<string> ShortNames { get; } = shortNames;

    public bool Scale { get; init; }
}
