using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Entities.Queues;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>What a query answers.</summary>
internal static class PostgreSqlTriggers
{
    public static QueueTriggers Of(QueueSpec queue, PostgreSqlQueueSpec spec, TriggerNames names)
    {
        var metadata = new Dictionary<string, string> { ["query"] = spec.Query, ["targetQueryValue"] = QueueTriggers.PerReplica(queue) };
        if (spec.Address is { } address)
        {
            var colon = address.LastIndexOf(':');
            metadata["host"] = address[..colon].Trim('[', ']');
            metadata["port"] = address[(colon + 1)..];
            metadata["userName"] = spec.User!;
            metadata["dbName"] = spec.Database!;
            metadata["sslmode"] = spec.SslMode;
        }

        return new([new ScaledObjectTrigger { Type = "postgresql", Name = names.Only, Metadata = metadata }], names.Only, QuerySignal.Of(queue, spec.CountsInFlight))
        {
            Authentication = TriggerSecrets.Of(("connection", spec.ConnectionSecretRef), ("password", spec.PasswordSecretRef)),
        };
    }
}

/// <summary>Only its author knows what a query counts.</summary>
internal static class QuerySignal
{
    public static SignalCompleteness Of(QueueSpec queue, bool countsInFlight) => countsInFlight
        ? SignalCompleteness.Complete
        : SignalCompleteness.Unknown(
            Reasons.QueryUndeclared,
            $"Queue '{queue.Name}': whether its query counts jobs that run is not known. Let it, and set countsInFlight: true.");
}
