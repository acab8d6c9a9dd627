using System.Globalization;
using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Entities.Validation;

internal static class JsonNumbers
{
    /// <summary>An integer of whatever CLR type the node was made with; 0 where there is none.</summary>
    public static long ToLong(JsonNode? node) => node is null ? 0 : long.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);
}
