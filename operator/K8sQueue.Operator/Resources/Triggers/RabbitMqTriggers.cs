using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Entities.Queues;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>The messages of a queue: over HTTP those that are not acknowledged, too.</summary>
internal static class RabbitMqTriggers
{
    private const string Amqp = "amqp";

    public static QueueTriggers Of(QueueSpec queue, RabbitMqQueueSpec spec, TriggerNames names)
    {
        var metadata = new Dictionary<string, string>
        {
            ["queueName"] = spec.Queue ?? queue.Name,
            ["protocol"] = spec.Protocol,
            ["mode"] = "QueueLength",
            ["value"] = QueueTriggers.PerReplica(queue),
        };
        if (spec.Address is { } address)
            metadata["host"] = $"{spec.Protocol}{(spec.Tls ? "s" : "")}://{address}";
        if (spec.VirtualHost is { } virtualHost)
            metadata["vhostName"] = virtualHost;
        var signal = spec.Protocol == Amqp
            ? SignalCompleteness.Incomplete(
                Reasons.AmqpProtocol,
                $"Queue '{queue.Name}': over AMQP RabbitMQ tells only the messages that wait. Use protocol: http, with the management API's address.")
            : SignalCompleteness.Complete;
        return new([new ScaledObjectTrigger { Type = "rabbitmq", Name = names.Only, Metadata = metadata }], names.Only, signal)
        {
            Authentication = TriggerSecrets.Of(("host", spec.HostSecretRef), ("username", spec.UsernameSecretRef), ("password", spec.PasswordSecretRef)),
        };
    }
}
