using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Entities.Queues;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>The lag behind the group's committed offsets: what runs is not committed yet.</summary>
internal static class KafkaTriggers
{
    public static QueueTriggers Of(QueueSpec queue, KafkaQueueSpec spec, TriggerNames names)
    {
        var metadata = new Dictionary<string, string>
        {
            ["bootstrapServers"] = string.Join(',', spec.BootstrapServers),
            ["consumerGroup"] = spec.ConsumerGroup,
            ["lagThreshold"] = QueueTriggers.PerReplica(queue),
            ["offsetResetPolicy"] = spec.OffsetResetPolicy,
            ["allowIdleConsumers"] = spec.AllowIdleConsumers ? "true" : "false",
        };
        if (spec.Topic is { } topic)
            metadata["topic"] = topic;
        if (spec.Tls)
            metadata["tls"] = "enable";
        if (spec.Sasl is { } sasl)
            metadata["sasl"] = sasl;
        return new([new ScaledObjectTrigger { Type = "kafka", Name = names.Only, Metadata = metadata }], names.Only, SignalCompleteness.Complete)
        {
            Authentication = TriggerSecrets.Of(("ca", spec.CaSecretRef), ("username", spec.UsernameSecretRef), ("password", spec.PasswordSecretRef)),
        };
    }
}
