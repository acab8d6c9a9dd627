using System.Globalization;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;

namespace K8sQueue.Operator.Resources.Triggers;

/// <summary>
/// KEDA's cron triggers. Within a formula they ask for one replica more, and the formula takes it off again: outside of its time the
/// scaler answers 0 in KEDA 2.20 and 1 in 2.17, and either must come to nothing.
/// </summary>
internal static class ScheduleTriggers
{
    public static IEnumerable<ScaledObjectTrigger> Of(ScalingSpec scaling, bool inFormula) =>
        (scaling.Schedules ?? []).Select((schedule, i) => new ScaledObjectTrigger
        {
            Type = "cron",
            Name = NameOf(i),
            Metadata = new()
            {
                ["timezone"] = schedule.Timezone,
                ["start"] = schedule.Start,
                ["end"] = schedule.End,
                ["desiredReplicas"] = (schedule.Replicas + (inFormula ? 1 : 0)).ToString(CultureInfo.InvariantCulture),
            },
        });

    /// <summary>The larger of the queues' demand and each schedule's; a schedule's is in replicas, the target is what one of them stands for.</summary>
    public static string Formula(string demand, ScalingSpec scaling, int target) =>
        scaling.Schedules is not { Count: > 0 } schedules ? demand
        : $"max({demand}, {string.Join(", ", schedules.Select((_, i) => FormattableString.Invariant($"({NameOf(i)} - 1) * {target}")))})";

    private static string NameOf(int index) => FormattableString.Invariant($"schedule{index}");
}
