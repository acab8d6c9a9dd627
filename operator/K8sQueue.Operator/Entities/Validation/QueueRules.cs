using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Entities.Validation;

internal static class QueueRules
{
    private static readonly string[] Kinds =
    [
        "k8squeue", "bullmq", "celery", "sidekiq", "redisList", "redisStream", "rabbitmq", "postgresql", "kafka", "sqs", "prometheus", "keda",
    ];

    public static readonly IReadOnlyList<ValidationRule> Queue =
    [
        new($"[{string.Join(", ", Kinds.Select(kind => $"has(self.{kind})"))}].exists_one(kind, kind)",
            $"a queue is of exactly one kind: set one of {string.Join(", ", Kinds)}",
            (self, _) => Kinds.Count(kind => Has(self, kind)) == 1),
        new("has(self.keda) || has(self.jobsPerReplica)",
            "every kind of queue but keda needs jobsPerReplica: how many jobs, waiting and running, call for one replica",
            (self, _) => Has(self, "keda") || Has(self, "jobsPerReplica")),
    ];

    public static readonly IReadOnlyList<ValidationRule> Celery =
    [
        new("!self.acksLate || self.unackedIsOwn",
            "celery.acksLate tells something only where unackedIsOwn is true: set both or none",
            (self, _) => !Flag(self, "acksLate") || Flag(self, "unackedIsOwn")),
    ];

    public static readonly IReadOnlyList<ValidationRule> RedisList =
    [
        new("!has(self.inFlightKeys) || self.inFlightKeys.all(item, item != self.key && self.inFlightKeys.exists_one(other, other == item))",
            "redisList: key and inFlightKeys must differ: a job would be counted twice",
            (self, _) => !Has(self, "inFlightKeys")
                || self["inFlightKeys"]!.AsArray().Select(item => (string)item!).Append((string)self["key"]!).ToList() is var keys
                && keys.Distinct(StringComparer.Ordinal).Count() == keys.Count),
    ];

    public static readonly IReadOnlyList<ValidationRule> RabbitMq =
    [
        new("has(self.address) != has(self.hostSecretRef)",
            "rabbitmq: set address, or hostSecretRef with the whole URL",
            (self, _) => Has(self, "address") != Has(self, "hostSecretRef")),
        new("has(self.usernameSecretRef) == has(self.passwordSecretRef)",
            "rabbitmq: usernameSecretRef and passwordSecretRef go together",
            (self, _) => Has(self, "usernameSecretRef") == Has(self, "passwordSecretRef")),
    ];

    public static readonly IReadOnlyList<ValidationRule> PostgreSql =
    [
        new("has(self.connectionSecretRef) ? !has(self.address) && !has(self.database) && !has(self.user) && !has(self.passwordSecretRef)"
            + " : has(self.address) && has(self.database) && has(self.user)",
            "postgresql: set address, database and user, or else connectionSecretRef alone",
            (self, _) => Has(self, "connectionSecretRef")
                ? !Has(self, "address") && !Has(self, "database") && !Has(self, "user") && !Has(self, "passwordSecretRef")
                : Has(self, "address") && Has(self, "database") && Has(self, "user")),
    ];

    public static readonly IReadOnlyList<ValidationRule> Kafka =
    [
        new("has(self.sasl) == has(self.usernameSecretRef) && has(self.sasl) == has(self.passwordSecretRef)",
            "kafka: sasl, usernameSecretRef and passwordSecretRef go together",
            (self, _) => Has(self, "sasl") == Has(self, "usernameSecretRef") && Has(self, "sasl") == Has(self, "passwordSecretRef")),
        new("self.tls || !has(self.caSecretRef)",
            "kafka: caSecretRef needs tls: true",
            (self, _) => Flag(self, "tls") || !Has(self, "caSecretRef")),
    ];

    public static readonly IReadOnlyList<ValidationRule> Sqs =
    [
        new("has(self.accessKeyIdSecretRef) == has(self.secretAccessKeySecretRef)",
            "sqs: accessKeyIdSecretRef and secretAccessKeySecretRef go together",
            (self, _) => Has(self, "accessKeyIdSecretRef") == Has(self, "secretAccessKeySecretRef")),
        new("!has(self.roleArn) || !has(self.accessKeyIdSecretRef)",
            "sqs: set roleArn or the access key, not both",
            (self, _) => !Has(self, "roleArn") || !Has(self, "accessKeyIdSecretRef")),
    ];

    public static readonly IReadOnlyList<ValidationRule> Prometheus =
    [
        new("has(self.usernameSecretRef) == has(self.passwordSecretRef) && !(has(self.bearerTokenSecretRef) && has(self.usernameSecretRef))",
            "prometheus: set bearerTokenSecretRef, or usernameSecretRef and passwordSecretRef, or none of them",
            (self, _) => Has(self, "usernameSecretRef") == Has(self, "passwordSecretRef")
                && !(Has(self, "bearerTokenSecretRef") && Has(self, "usernameSecretRef"))),
        new("!has(self.caSecretRef) || has(self.bearerTokenSecretRef) || has(self.usernameSecretRef)",
            "prometheus: KEDA heeds caSecretRef only together with a token or a user",
            (self, _) => !Has(self, "caSecretRef") || Has(self, "bearerTokenSecretRef") || Has(self, "usernameSecretRef")),
    ];

    public static readonly IReadOnlyList<ValidationRule> Schedule =
    [
        new("self.start != self.end",
            "schedules: start and end must differ",
            (self, _) => !JsonNode.DeepEquals(self["start"], self["end"])),
    ];

    private static bool Has(JsonNode? node, string field) => node is JsonObject map && map[field] is not null;

    private static bool Flag(JsonNode node, string field) => node[field]?.GetValue<bool>() == true;
}
