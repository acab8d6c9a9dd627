using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Schema;

/// <summary>Drops members that the schema does not declare.</summary>
internal static class Pruner
{
    private static readonly string[] RootMembers = ["apiVersion", "kind", "metadata"];

    /// <returns>The paths of what was dropped.</returns>
    public static List<string> Prune(StructuralSchema schema, JsonObject value)
    {
        var dropped = new List<string>();
        Map(schema, value, "", dropped, isRoot: true);
        return dropped;
    }

    private static void Any(StructuralSchema schema, JsonNode? value, string path, List<string> dropped)
    {
        switch (value)
        {
            case JsonObject map:
                Map(schema, map, path, dropped, schema.EmbeddedResource);
                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                    Any(items, list[i], $"{path}[{i}]", dropped);
                break;
        }
    }

    private static void Map(StructuralSchema schema, JsonObject map, string path, List<string> dropped, bool isRoot)
    {
        foreach (var (name, child) in map.ToList())
        {
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            if (schema.Member(name) is { } member)
            {
                Any(member, child, inner, dropped);
            }
            else if (!schema.PreserveUnknown && !(isRoot && RootMembers.Contains(name)))
            {
                map.Remove(name);
                dropped.Add(inner);
            }
        }
    }
}
