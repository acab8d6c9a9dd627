using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;

namespace K8sQueue.LocalCluster.Apply;

/// <summary>The refusal of an apply that would change what others own.</summary>
internal static class ApplyConflicts
{
    public static ClusterApiException Error(IReadOnlyList<(ManagedEntry Entry, FieldSet Fields)> conflicts)
    {
        var causes = new JsonArray();
        var parts = new List<string>();
        foreach (var (entry, fields) in conflicts)
        {
            var paths = fields.Paths().ToList();
            var manager = Show(entry);
            foreach (var path in paths)
            {
                causes.Add((JsonNode)new JsonObject
                {
                    ["reason"] = "FieldManagerConflict",
                    ["message"] = $"conflict with {manager}",
                    ["field"] = path,
                });
            }

            parts.Add(paths.Count == 1
                ? $"conflict with {manager}: {paths[0]}"
                : $"conflicts with {manager}:{string.Concat(paths.Select(p => $"\n- {p}"))}");
        }

        var noun = causes.Count == 1 ? "conflict" : "conflicts";
        return new ClusterApiException(409, "Conflict", $"Apply failed with {causes.Count} {noun}: {string.Join("\n", parts)}")
        {
            Details = new JsonObject { ["causes"] = causes },
        };
    }

    private static string Show(ManagedEntry entry)
    {
        var text = $"\"{entry.Manager}\"";
        if (!string.IsNullOrEmpty(entry.Subresource))
            text += $" with subresource \"{entry.Subresource}\"";
        if (entry.Operation == "Update")
            text += entry.Time is null ? $" using {entry.ApiVersion}" : $" using {entry.ApiVersion} at {entry.Time}";
        return text;
    }
}
