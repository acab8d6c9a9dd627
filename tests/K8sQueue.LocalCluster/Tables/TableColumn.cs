using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Tables;

/// <summary>A column of a printed table.</summary>
/// <param name="Name">The heading.</param>
/// <param name="Type">integer, number, string, boolean or date.</param>
/// <param name="Value">The cell: null prints as &lt;none&gt;. A date gives its age already.</param>
internal sealed record TableColumn(string Name, string Type, Func<JsonObject, DateTimeOffset, JsonNode?> Value)
{
    public string Format { get; init; } = "";

    public string Description { get; init; } = "";

    /// <summary>0 is always shown; more only with <c>-o wide</c>.</summary>
    public int Priority { get; init; }
}
