using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Apply;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Schema;

namespace K8sQueue.LocalCluster.Patching;

/// <summary>
/// application/strategic-merge-patch+json: a merge patch in which lists with a merge key are merged item by item, with the directives
/// $patch, $retainKeys, $deleteFromPrimitiveList and $setElementOrder.
/// </summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string RetainKeys = "$retainKeys";
    private const string DeletePrefix = "$deleteFromPrimitiveList/";
    private const string OrderPrefix = "$setElementOrder/";

    /// <exception cref="ClusterApiException">BadRequest for a malformed directive.</exception>
    public static JsonObject Apply(StructuralSchema schema, JsonObject target, JsonObject patch)
    {
        switch (patch.TextAt(Directive))
        {
            case "replace":
                return Plain(patch);
            case "delete":
                return [];
        }

        var result = target.Copy();
        if (patch.ListAt(RetainKeys) is { } retained)
        {
            var keep = retained.Select(r => r.AsText()).ToHashSet(StringComparer.Ordinal);
            foreach (var name in result.Select(m => m.Key).Where(k => !keep.Contains(k)).ToList())
                result.Remove(name);
        }

        foreach (var (name, change) in patch)
        {
            if (!name.StartsWith('$'))
                Member(FieldElement.MemberOf(schema, name) ?? StructuralSchema.Any, result, name, change);
        }

        Directives(schema, result, patch);
        return result;
    }

    private static void Member(StructuralSchema schema, JsonObject result, string name, JsonNode? change)
    {
        switch (change)
        {
            case null:
                result.Remove(name);
                break;
            case JsonObject map:
                result[name] = Apply(schema, result[name] as JsonObject ?? [], map);
                break;
            case JsonArray list when schema.ListKind != ListKind.Atomic && result[name] is JsonArray present:
                result[name] = Items(schema, present, list);
                break;
            case JsonArray list:
                result[name] = Items(schema, [], list);
                break;
            default:
                result[name] = change.DeepClone();
                break;
        }
    }

    private static void Directives(StructuralSchema schema, JsonObject result, JsonObject patch)
    {
        foreach (var (name, change) in patch)
        {
            if (name.StartsWith(DeletePrefix, StringComparison.Ordinal) && result[name[DeletePrefix.Length..]] is JsonArray values)
            {
                foreach (var gone in change as JsonArray ?? [])
                    values.RemoveAll(v => JsonNode.DeepEquals(v, gone));
            }
            else if (name.StartsWith(OrderPrefix, StringComparison.Ordinal) && change is JsonArray order)
            {
                var list = name[OrderPrefix.Length..];
                if (result[list] is JsonArray items && FieldElement.MemberOf(schema, list) is { } inner)
                    result[list] = Ordered(inner, items, order);
            }
        }
    }

    private static JsonArray Items(StructuralSchema schema, JsonArray present, JsonArray changes)
    {
        if (changes.Any(c => c.TextAt(Directive) == "replace"))
            return new JsonArray([.. changes.Where(c => c.TextAt(Directive) != "replace").Select(c => c?.DeepClone())]);
        var result = (JsonArray)present.DeepClone();
        foreach (var change in changes)
        {
            if (schema.ListKind != ListKind.Map || change is not JsonObject map)
            {
                if (schema.ListKind != ListKind.Set || !result.Any(r => JsonNode.DeepEquals(r, change)))
                    result.Add(change is JsonObject plain ? Plain(plain) : change?.DeepClone());
                continue;
            }

            var key = MergeKey(schema);
            var value = map.At(key) ?? throw ApiErrors.BadRequest($"map: {map.Show()} does not contain declared merge key: {key}");
            var index = IndexOf(result, key, value);
            if (map.TextAt(Directive) == "delete")
            {
                if (index >= 0)
                    result.RemoveAt(index);
            }
            else if (index < 0)
            {
                result.Add(Apply(schema.Items ?? StructuralSchema.Any, [], map));
            }
            else
            {
                result[index] = Apply(schema.Items ?? StructuralSchema.Any, (JsonObject)result[index]!, map);
            }
        }

        return result;
    }

    /// <summary>Items that the order names take their places in that order; others stay where they are.</summary>
    private static JsonArray Ordered(StructuralSchema schema, JsonArray items, JsonArray order)
    {
        var key = schema.ListKind == ListKind.Map ? MergeKey(schema) : null;
        JsonNode? KeyOf(JsonNode? item) => key is null ? item : item.At(key);
        int Rank(JsonNode? item) => Enumerable.Range(0, order.Count).FirstOrDefault(i => JsonNode.DeepEquals(KeyOf(order[i]), KeyOf(item)), -1);
        var named = new Queue<JsonNode?>(items.Where(i => Rank(i) >= 0).OrderBy(Rank));
        return new JsonArray([.. items.Select(i => Rank(i) >= 0 ? named.Dequeue()?.DeepClone() : i?.DeepClone())]);
    }

    private static int IndexOf(JsonArray list, string key, JsonNode value)
    {
        for (var i = 0; i < list.Count; i++)
        {
            if (JsonNode.DeepEquals(list[i].At(key), value))
                return i;
        }

        return -1;
    }

    private static string MergeKey(StructuralSchema schema) => schema.PatchMergeKey ?? schema.ListMapKeys[0];

    private static JsonObject Plain(JsonObject patch) =>
        new(patch.Where(m => !m.Key.StartsWith('$') && m.Value is not null).Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone())));
}
