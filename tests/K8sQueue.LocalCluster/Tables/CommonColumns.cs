using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tables;

/// <summary>Columns that many kinds share.</summary>
internal static class CommonColumns
{
    public static readonly TableColumn Name = new("Name", "string", (value, _) => value.Name())
    {
        Format = "name",
        Description = "Name must be unique within a namespace.",
    };

    public static readonly TableColumn Age = new("Age", "string",
        (value, now) => HumanDuration.Since(value.At("metadata", "creationTimestamp").Time(), now));

    public static readonly IReadOnlyList<TableColumn> NameAndAge = [Name, Age];

    public static TableColumn Number(string name, params string[] path) =>
        new(name, "integer", (value, _) => value.NumberAt(path) ?? 0);

    public static TableColumn Text(string name, params string[] path) => new(name, "string", (value, _) => value.TextAt(path));

    public static TableColumn Wide(this TableColumn column) => column with { Priority = 1 };

    /// <summary>A label selector as -l takes it.</summary>
    public static JsonNode? Selector(JsonObject value) => Selectors.LabelSelector.Show(value.MapAt("spec", "selector"));

    public static IEnumerable<TableColumn> Containers(params string[] podSpec)
    {
        yield return new TableColumn("Containers", "string", (value, _) => Join(value, podSpec, "name")).Wide();
        yield return new TableColumn("Images", "string", (value, _) => Join(value, podSpec, "image")).Wide();
    }

    private static string Join(JsonObject value, string[] podSpec, string member) =>
        string.Join(",", value.At(podSpec).ListAt("containers")?.Select(c => c.TextAt(member)) ?? []);
}
