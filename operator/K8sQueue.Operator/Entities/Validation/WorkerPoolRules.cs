using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Entities.Validation;

internal static class WorkerPoolRules
{
    /// <summary>The longest name, in characters: the name of a revision's Deployment is it, a dash and a hash, and 54 is KEDA's limit.</summary>
    public const int MaxNameLength = 45;

    public static readonly IReadOnlyList<ValidationRule> Resource =
    [
        new("self.metadata.name.size() <= 45",
            "metadata.name is at most 45 characters long, so that what is made from it fits the limits of Kubernetes and KEDA",
            (self, _) => self["metadata"]!["name"]!.GetValue<string>().Length <= MaxNameLength),
    ];

    public static readonly IReadOnlyList<ValidationRule> Spec =
    [
        new("self.queues.all(q, has(q.jobsPerReplica)) || self.queues.all(q, !has(q.jobsPerReplica))",
            "queues: either every queue has jobsPerReplica (the demands are added up) or none has (the largest demand counts)",
            (self, _) => self["queues"] is not JsonArray queues
                || queues.All(queue => Has(queue, "jobsPerReplica")) || queues.All(queue => !Has(queue, "jobsPerReplica"))),
        new("self.queues.all(a, !has(a.k8squeue) || self.queues.all(b, !has(b.k8squeue) || a.k8squeue.redis == b.k8squeue.redis))",
            "queues: a worker reads one Redis, so k8squeue.redis must be the same in every queue of the pool",
            (self, _) => Native(self["queues"]) is var native
                && native.All(queue => JsonNode.DeepEquals(queue["redis"], native[0]["redis"]))),
    ];

    public static readonly IReadOnlyList<ValidationRule> Redis =
    [
        new("!has(self.caSecretRef) || self.tls",
            "caSecretRef needs tls: true",
            (self, _) => !Has(self, "caSecretRef") || self["tls"]?.GetValue<bool>() == true),
    ];

    public static readonly IReadOnlyList<ValidationRule> Scaling =
    [
        new("self.minReplicas <= self.maxReplicas",
            "minReplicas must not be above maxReplicas",
            (self, _) => Number(self, "minReplicas") <= Number(self, "maxReplicas")),
        new("!has(self.fallbackReplicas) || self.fallbackReplicas <= self.maxReplicas",
            "fallbackReplicas must not be above maxReplicas",
            (self, _) => !Has(self, "fallbackReplicas") || Number(self, "fallbackReplicas") <= Number(self, "maxReplicas")),
        new("!has(self.schedules) || self.schedules.all(schedule, schedule.replicas <= self.maxReplicas)",
            "schedules: replicas must not be above maxReplicas",
            (self, _) => self["schedules"] is not JsonArray schedules
                || schedules.All(schedule => Number(schedule!, "replicas") <= Number(self, "maxReplicas"))),
    ];

    public static readonly IReadOnlyList<ValidationRule> TemplateMetadata =
    [
        new("!has(self.labels) || !self.labels.exists(key, key.startsWith('k8squeue.io/'))",
            "labels that start with k8squeue.io/ are the operator's: take them out of the template",
            (self, _) => !HasReserved(self["labels"])),
        new("!has(self.annotations) || !self.annotations.exists(key, key.startsWith('k8squeue.io/'))",
            "annotations that start with k8squeue.io/ are the operator's: take them out of the template",
            (self, _) => !HasReserved(self["annotations"])),
    ];

    private static JsonNode[] Native(JsonNode? queues) =>
        queues is JsonArray list ? [.. list.Select(queue => queue!["k8squeue"]).OfType<JsonNode>()] : [];

    private static bool Has(JsonNode? node, string field) => node is JsonObject map && map[field] is not null;

    private static long Number(JsonNode node, string field) => JsonNumbers.ToLong(node[field]);

    private static bool HasReserved(JsonNode? map) =>
        map is JsonObject entries && entries.Any(entry => entry.Key.StartsWith(Labels.Group + "/", StringComparison.Ordinal));
}
