using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;

namespace K8sQueue.LocalCluster.Tables;

/// <summary>meta.k8s.io/v1 Tables and PartialObjectMetadata.</summary>
internal static class TableWriter
{
    public static JsonObject Table(
        ResourceEndpoint endpoint, IEnumerable<JsonObject> values, JsonObject metadata, string? include, DateTimeOffset now)
    {
        var columns = new JsonArray();
        foreach (var column in endpoint.Version.Columns)
        {
            columns.Add((JsonNode)new JsonObject
            {
                ["name"] = column.Name,
                ["type"] = column.Type == "date" ? "string" : column.Type,
                ["format"] = column.Format,
                ["description"] = column.Description,
                ["priority"] = column.Priority,
            });
        }

        var rows = new JsonArray();
        foreach (var value in values)
            rows.Add((JsonNode)Row(endpoint, value, include, now));
        return new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = columns,
            ["rows"] = rows,
        };
    }

    public static JsonObject PartialMetadata(JsonObject value) => new()
    {
        ["kind"] = "PartialObjectMetadata",
        ["apiVersion"] = "meta.k8s.io/v1",
        ["metadata"] = value.MapAt("metadata")?.DeepClone(),
    };

    private static JsonObject Row(ResourceEndpoint endpoint, JsonObject value, string? include, DateTimeOffset now)
    {
        var cells = new JsonArray();
        foreach (var column in endpoint.Version.Columns)
            cells.Add(column.Value(value, now));
        var row = new JsonObject { ["cells"] = cells };
        switch (include)
        {
            case "None":
                break;
            case "Object":
                row["object"] = value.DeepClone();
                break;
            default:
                row["object"] = PartialMetadata(value);
                break;
        }

        return row;
    }
}
