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
        Good(scaling).Select(item => new ScaledObjectTrigger
        {
            Type = "cron",
            Name = item.Name,
            Metadata = new()
            {
                ["timezone"] = item.Schedule.Timezone,
                ["start"] = item.Schedule.Start,
                ["end"] = item.Schedule.End,
                ["desiredReplicas"] = (item.Schedule.Replicas + (inFormula ? 1 : 0)).ToString(CultureInfo.InvariantCulture),
            },
        });

    /// <summary>The larger of the queues' demand and each schedule's; a schedule's is in replicas, the target is what one of them stands for.</summary>
    public static string Formula(string demand, ScalingSpec scaling, int target) =>
        Good(scaling) is not { Count: > 0 } schedules ? demand
        : $"max({demand}, {string.Join(", ", schedules.Select(item => FormattableString.Invariant($"({item.Name} - 1) * {target}")))})";

    /// <summary>What is wrong with the pool's schedules; null where nothing is.</summary>
    public static string? TroubleOf(ScalingSpec scaling)
    {
        var troubles = (scaling.Schedules ?? [])
            .Select((schedule, i) => ScheduleChecks.TroubleOf(schedule) is { } trouble ? FormattableString.Invariant($"scaling.schedules[{i}]: {trouble}") : null)
            .OfType<string>().ToList();
        return troubles.Count == 0 ? null : $"{string.Join("; ", troubles)}. The pool scales without it.";
    }

    /// <summary>Without those that would fail at every look.</summary>
    private static List<(string Name, ScheduleSpec Schedule)> Good(ScalingSpec scaling) =>
        [.. (scaling.Schedules ?? []).Select((schedule, i) => (FormattableString.Invariant($"schedule{i}"), schedule))
            .Where(item => ScheduleChecks.TroubleOf(item.schedule) is null)];
}
