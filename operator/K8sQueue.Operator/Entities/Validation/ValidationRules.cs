using K8sQueue.Operator.Entities.Queues;

namespace K8sQueue.Operator.Entities.Validation;

/// <summary>Every validation rule of the CRDs, by the type whose schema carries it.</summary>
public static class ValidationRules
{
    private static readonly Dictionary<Type, IReadOnlyList<ValidationRule>> ByType = new()
    {
        [typeof(V1Alpha1WorkerPool)] = WorkerPoolRules.Resource,
        [typeof(WorkerPoolSpec)] = WorkerPoolRules.Spec,
        [typeof(QueueSpec)] = QueueRules.Queue,
        [typeof(CeleryQueueSpec)] = QueueRules.Celery,
        [typeof(RedisListQueueSpec)] = QueueRules.RedisList,
        [typeof(RabbitMqQueueSpec)] = QueueRules.RabbitMq,
        [typeof(PostgreSqlQueueSpec)] = QueueRules.PostgreSql,
        [typeof(KafkaQueueSpec)] = QueueRules.Kafka,
        [typeof(SqsQueueSpec)] = QueueRules.Sqs,
        [typeof(PrometheusQueueSpec)] = QueueRules.Prometheus,
        [typeof(ScheduleSpec)] = QueueRules.Schedule,
        [typeof(RedisConnectionSpec)] = WorkerPoolRules.Redis,
        [typeof(ScalingSpec)] = WorkerPoolRules.Scaling,
        [typeof(RolloutSpec)] = RolloutRules.Rollout,
        [typeof(PodTemplateMetadata)] = WorkerPoolRules.TemplateMetadata,
        [typeof(V1Alpha1ConnectionBudget)] = ConnectionBudgetRules.Resource,
        [typeof(ConnectionBudgetSpec)] = ConnectionBudgetRules.Spec,
        [typeof(RedisServerSpec)] = WorkerPoolRules.Redis,
    };

    private static readonly Dictionary<string, ValidationRule> ByCel =
        ByType.Values.SelectMany(rules => rules).Distinct().ToDictionary(rule => rule.Cel, StringComparer.Ordinal);

    /// <summary>All rules.</summary>
    public static IReadOnlyCollection<ValidationRule> All => ByCel.Values;

    /// <summary>The rule of a CEL text; null where there is none.</summary>
    public static ValidationRule? Find(string cel) => ByCel.GetValueOrDefault(cel);

    /// <summary>The rules that the schema of a type carries.</summary>
    internal static IReadOnlyList<ValidationRule> Of(Type type) => ByType.GetValueOrDefault(type) ?? [];
}
