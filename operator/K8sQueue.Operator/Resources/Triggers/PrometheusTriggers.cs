using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Entities.Queues;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>What a query answers. No answer is an error unless it is declared to be zero: a series that is gone must not stop the workers.</summary>
internal static class PrometheusTriggers
{
    public static QueueTriggers Of(QueueSpec queue, PrometheusQueueSpec spec, TriggerNames names)
    {
        var metadata = new Dictionary<string, string>
        {
            ["serverAddress"] = spec.ServerAddress,
            ["query"] = spec.Query,
            ["threshold"] = QueueTriggers.PerReplica(queue),
            ["ignoreNullValues"] = spec.EmptyIsZero ? "true" : "false",
        };
        if (spec.BearerTokenSecretRef is not null)
            metadata["authModes"] = "bearer";
        else if (spec.UsernameSecretRef is not null)
            metadata["authModes"] = "basic";
        return new([new ScaledObjectTrigger { Type = "prometheus", Name = names.Only, Metadata = metadata }], names.Only, QuerySignal.Of(queue, spec.CountsInFlight))
        {
            Authentication = TriggerSecrets.Of(
                ("bearerToken", spec.BearerTokenSecretRef), ("username", spec.UsernameSecretRef), ("password", spec.PasswordSecretRef), ("ca", spec.CaSecretRef)),
        };
    }
}
