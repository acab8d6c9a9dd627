using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Entities.Validation;

internal static class ConnectionBudgetRules
{
    private static readonly string[] ServerFields = ["postgresql", "redis", "rabbitmq"];

    public static readonly IReadOnlyList<ValidationRule> Resource =
    [
        new("self.metadata.name.size() <= 63",
            "metadata.name is at most 63 characters long",
            (self, _) => self["metadata"]!["name"]!.GetValue<string>().Length <= 63),
    ];

    public static readonly IReadOnlyList<ValidationRule> Spec =
    [
        new("!has(self.capacity) || self.reserved + (has(self.external) ? self.external.map(e, e.connections).sum() : 0) < self.capacity",
            "reserved and external together must leave at least one connection of the capacity",
            (self, _) => self["capacity"] is not { } capacity || Number(self["reserved"]) + External(self["external"]) < Number(capacity)),
        new("has(self.capacity) || has(self.postgresql) || has(self.redis) || has(self.rabbitmq)",
            "a budget needs a capacity, or a server to read it from: set capacity, postgresql, redis or rabbitmq",
            (self, _) => self["capacity"] is not null || Servers(self) > 0),
        new("[has(self.postgresql), has(self.redis), has(self.rabbitmq)].filter(set, set).size() <= 1",
            "a budget is of one server: set at most one of postgresql, redis, rabbitmq",
            (self, _) => Servers(self) <= 1),
    ];

    private static int Servers(JsonNode spec) => ServerFields.Count(field => spec[field] is not null);

    private static long External(JsonNode? external) =>
        external is JsonArray list ? list.Sum(item => Number(item!["connections"])) : 0;

    private static long Number(JsonNode? node) => JsonNumbers.ToLong(node);
}
