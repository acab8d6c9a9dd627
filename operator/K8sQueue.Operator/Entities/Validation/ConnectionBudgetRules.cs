using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Entities.Validation;

internal static class ConnectionBudgetRules
{
    public static readonly IReadOnlyList<ValidationRule> Resource =
    [
        new("self.metadata.name.size() <= 63",
            "metadata.name is at most 63 characters long",
            (self, _) => self["metadata"]!["name"]!.GetValue<string>().Length <= 63),
    ];

    public static readonly IReadOnlyList<ValidationRule> Spec =
    [
        new("self.reserved + (has(self.external) ? self.external.map(e, e.connections).sum() : 0) < self.capacity",
            "reserved and external together must leave at least one connection of the capacity",
            (self, _) => Number(self["reserved"]) + External(self["external"]) < Number(self["capacity"])),
    ];

    private static long External(JsonNode? external) =>
        external is JsonArray list ? list.Sum(item => Number(item!["connections"])) : 0;

    private static long Number(JsonNode? node) => JsonNumbers.ToLong(node);
}
