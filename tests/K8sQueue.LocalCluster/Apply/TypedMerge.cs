using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Apply;

/// <summary>Merging an applied configuration into a live object, and removing what an applier let go.</summary>
internal static class TypedMerge
{
    public static JsonNode? Merge(StructuralSchema schema, JsonNode? live, JsonNode? applied)
    {
        var shape = FieldElement.ShapeOf(schema, applied);
        if (shape == FieldShape.Leaf || live is null || FieldElement.ShapeOf(schema, live) != shape)
            return applied?.DeepClone();
        if (shape == FieldShape.Items)
            return MergeItems(schema, (JsonArray)live, (JsonArray)applied!);
        var result = (JsonObject)live.DeepClone();
        foreach (var (name, child) in (JsonObject)applied!)
        {
            var inner = FieldElement.MemberOf(schema, name) ?? StructuralSchema.Any;
            result[name] = Merge(inner, live.At(name), child);
        }

        return result;
    }

    /// <summary>Removes the fields of <paramref name="gone"/> that nobody in <paramref name="kept"/> owns, or owns something beneath.</summary>
    public static void Remove(StructuralSchema schema, JsonNode? value, FieldSet gone, FieldSet kept)
    {
        switch (FieldElement.ShapeOf(schema, value))
        {
            case FieldShape.Map:
                var map = (JsonObject)value!;
                foreach (var (element, child) in gone.Children)
                {
                    var name = element[2..];
                    if (!element.StartsWith("f:", StringComparison.Ordinal) || !map.ContainsKey(name))
                        continue;
                    var keep = kept.Children.GetValueOrDefault(element, FieldSet.Empty);
                    if (child.IsMember && keep.IsEmpty)
                        map.Remove(name);
                    else
                        RemoveBeneath(FieldElement.MemberOf(schema, name) ?? StructuralSchema.Any, map[name], child, keep, () => map.Remove(name));
                }

                break;
            case FieldShape.Items:
                var list = (JsonArray)value!;
                foreach (var (element, child) in gone.Children)
                {
                    var item = list.FirstOrDefault(i => FieldElement.Item(schema, i) == element);
                    if (item is null)
                        continue;
                    var keep = kept.Children.GetValueOrDefault(element, FieldSet.Empty);
                    if (child.IsMember && keep.IsEmpty)
                        list.Remove(item);
                    else
                        Remove(schema.Items ?? StructuralSchema.Any, item, child, keep);
                }

                break;
        }
    }

    private static void RemoveBeneath(StructuralSchema schema, JsonNode? value, FieldSet gone, FieldSet kept, Action removeEmptied)
    {
        Remove(schema, value, gone, kept);
        if (kept.IsEmpty && value is JsonObject { Count: 0 } or JsonArray { Count: 0 })
            removeEmptied();
    }

    private static JsonArray MergeItems(StructuralSchema schema, JsonArray live, JsonArray applied)
    {
        var items = schema.Items ?? StructuralSchema.Any;
        var present = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in live)
            present[FieldElement.Item(schema, item) ?? ""] = item;
        var merged = new List<(string Element, JsonNode? Node)>();
        foreach (var item in applied)
        {
            var element = FieldElement.Item(schema, item) ?? "";
            merged.Add((element, present.TryGetValue(element, out var old) ? Merge(items, old, item) : item?.DeepClone()));
        }

        // Live items keep their places; those that the applier has too take the shared places in the applier's order.
        var shared = new Queue<(string Element, JsonNode? Node)>(merged.Where(m => present.ContainsKey(m.Element)));
        var ours = merged.Select(m => m.Element).ToHashSet(StringComparer.Ordinal);
        var result = new JsonArray();
        foreach (var item in live)
        {
            if (!ours.Contains(FieldElement.Item(schema, item) ?? ""))
                result.Add(item?.DeepClone());
            else if (shared.TryDequeue(out var next))
                result.Add(next.Node);
        }

        foreach (var (element, node) in merged)
        {
            if (!present.ContainsKey(element))
                result.Add(node);
        }

        return result;
    }
}
