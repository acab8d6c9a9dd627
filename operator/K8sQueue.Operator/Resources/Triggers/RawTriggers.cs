using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>A trigger as its author wrote it.</summary>
internal static class RawTriggers
{
    public static QueueTriggers Of(QueueSpec queue, KedaTriggerSpec spec, TriggerNames names)
    {
        var trigger = new ScaledObjectTrigger
        {
            Type = spec.Type,
            Name = names.Only,
            MetricType = spec.MetricType,
            Metadata = spec.Metadata ?? [],
            AuthenticationRef = spec.AuthenticationRef,
        };
        return new(
            [trigger],
            names.Only,
            SignalCompleteness.Unknown(Reasons.RawTrigger, $"Queue '{queue.Name}' is a raw KEDA trigger: whether it counts running jobs is not known."));
    }
}
