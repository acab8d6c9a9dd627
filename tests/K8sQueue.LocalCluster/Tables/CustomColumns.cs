using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tables;

/// <summary>The columns of a custom resource: the name, then additionalPrinterColumns, or the age where there are none.</summary>
internal static class CustomColumns
{
    public static IReadOnlyList<TableColumn> Read(JsonArray? definitions)
    {
        var columns = new List<TableColumn> { CommonColumns.Name };
        if (definitions is not { Count: > 0 })
            return [.. columns, CommonColumns.Age];
        foreach (var definition in definitions.OfType<JsonObject>())
        {
            var type = definition.TextAt("type") ?? "string";
            var path = JsonPath.Parse(definition.TextAt("jsonPath") ?? "");
            columns.Add(new TableColumn(definition.TextAt("name") ?? "", type, (value, now) => Cell(type, path.Find(value), now))
            {
                Format = definition.TextAt("format") ?? "",
                Description = definition.TextAt("description") ?? "",
                Priority = (int)(definition.NumberAt("priority") ?? 0),
            });
        }

        return columns;
    }

    private static JsonNode? Cell(string type, IReadOnlyList<JsonNode?> found, DateTimeOffset now)
    {
        if (found.Count == 0 || found[0] is not { } value)
            return null;
        return type switch
        {
            "integer" => value.AsInteger() is { } number ? number : null,
            "date" => HumanDuration.Since(value.Time(), now),
            "boolean" or "number" => value.DeepClone(),
            _ => value.AsText() ?? (value is JsonValue ? value.Show() : value.Show()),
        };
    }
}
