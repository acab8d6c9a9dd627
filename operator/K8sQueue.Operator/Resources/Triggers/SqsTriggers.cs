using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Entities.Queues;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>Visible messages and those in flight; delayed ones do not count.</summary>
internal static class SqsTriggers
{
    public static QueueTriggers Of(QueueSpec queue, SqsQueueSpec spec, TriggerNames names)
    {
        var metadata = new Dictionary<string, string>
        {
            ["queueURL"] = spec.QueueUrl,
            ["awsRegion"] = spec.Region,
            ["queueLength"] = QueueTriggers.PerReplica(queue),
            ["scaleOnInFlight"] = "true",
            ["scaleOnDelayed"] = "false",
        };
        if (spec.Endpoint is { } endpoint)
            metadata["awsEndpoint"] = endpoint;
        return new([new ScaledObjectTrigger { Type = "aws-sqs-queue", Name = names.Only, Metadata = metadata }], names.Only, SignalCompleteness.Complete)
        {
            Authentication = TriggerSecrets.Of(("awsAccessKeyID", spec.AccessKeyIdSecretRef), ("awsSecretAccessKey", spec.SecretAccessKeySecretRef))
                ?? new TriggerAuthenticationSpec { PodIdentity = new TriggerPodIdentity { Provider = "aws", RoleArn = spec.RoleArn } },
        };
    }
}
