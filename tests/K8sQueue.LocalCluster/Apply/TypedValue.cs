using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Apply;

/// <summary>Field sets of values (structured-merge-diff's ToFieldSet and Compare).</summary>
internal static class TypedValue
{
    /// <summary>The fields that a configuration sets.</summary>
    public static FieldSet ToFieldSet(StructuralSchema schema, JsonNode? value)
    {
        var set = new FieldSet();
        Collect(schema, value, set);
        return set;
    }

    /// <summary>What differs between two versions of an object.</summary>
    public static Comparison Compare(StructuralSchema schema, JsonNode? old, JsonNode? value)
    {
        var result = new Comparison(new FieldSet(), new FieldSet(), new FieldSet());
        CompareNodes(schema, old, value, result.Added, result.Modified, result.Removed);
        return result;
    }

    private static void Collect(StructuralSchema schema, JsonNode? value, FieldSet set)
    {
        switch (FieldElement.ShapeOf(schema, value))
        {
            case FieldShape.Map:
                var map = (JsonObject)value!;
                foreach (var (name, child) in map)
                {
                    var inner = FieldElement.MemberOf(schema, name) ?? StructuralSchema.Any;
                    var node = set.Child(FieldElement.Field(name));
                    Collect(inner, child, node);
                    if (!schema.Properties.ContainsKey(name))
                        node.IsMember = true;
                }

                set.IsMember |= map.Count == 0;
                break;
            case FieldShape.Items:
                var list = (JsonArray)value!;
                foreach (var child in list)
                {
                    if (FieldElement.Item(schema, child) is not { } element)
                        continue;
                    var node = set.Child(element);
                    node.IsMember = true;
                    if (schema.ListKind == ListKind.Map)
                        Collect(schema.Items ?? StructuralSchema.Any, child, node);
                }

                set.IsMember |= list.Count == 0;
                break;
            default:
                set.IsMember = true;
                break;
        }
    }

    private static void CompareNodes(
        StructuralSchema schema, JsonNode? old, JsonNode? value, FieldSet added, FieldSet modified, FieldSet removed)
    {
        var shape = FieldElement.ShapeOf(schema, value);
        if (shape == FieldShape.Leaf || shape != FieldElement.ShapeOf(schema, old))
        {
            if (JsonNode.DeepEquals(old, value))
                return;
            modified.IsMember = true;
            return;
        }

        var left = Elements(schema, old!);
        var right = Elements(schema, value!);
        foreach (var (element, (inner, child)) in right)
        {
            if (left.TryGetValue(element, out var present))
                CompareNodes(inner, present.Node, child, added.Child(element), modified.Child(element), removed.Child(element));
            else
                CollectAll(inner, child, added.Child(element));
        }

        foreach (var (element, (inner, child)) in left)
        {
            if (!right.ContainsKey(element))
                CollectAll(inner, child, removed.Child(element));
        }

        Trim(added);
        Trim(modified);
        Trim(removed);
    }

    /// <summary>Every node of a value that came or went, itself included.</summary>
    private static void CollectAll(StructuralSchema schema, JsonNode? value, FieldSet set)
    {
        set.IsMember = true;
        if (FieldElement.ShapeOf(schema, value) == FieldShape.Leaf)
            return;
        foreach (var (element, (inner, child)) in Elements(schema, value!))
            CollectAll(inner, child, set.Child(element));
    }

    private static Dictionary<string, (StructuralSchema Schema, JsonNode? Node)> Elements(StructuralSchema schema, JsonNode value)
    {
        var elements = new Dictionary<string, (StructuralSchema, JsonNode?)>(StringComparer.Ordinal);
        if (value is JsonObject map)
        {
            foreach (var (name, child) in map)
                elements[FieldElement.Field(name)] = (FieldElement.MemberOf(schema, name) ?? StructuralSchema.Any, child);
        }
        else
        {
            var items = schema.Items ?? StructuralSchema.Any;
            foreach (var child in (JsonArray)value)
            {
                if (FieldElement.Item(schema, child) is { } element)
                    elements[element] = (items, child);
            }
        }

        return elements;
    }

    private static void Trim(FieldSet set)
    {
        foreach (var element in set.Children.Where(c => c.Value.IsEmpty).Select(c => c.Key).ToList())
            set.Children.Remove(element);
    }
}

/// <summary>Paths that came, changed and went.</summary>
internal sealed record Comparison(FieldSet Added, FieldSet Modified, FieldSet Removed)
{
    public bool IsSame => Added.IsEmpty && Modified.IsEmpty && Removed.IsEmpty;
}
