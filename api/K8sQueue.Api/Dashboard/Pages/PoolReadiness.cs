using K8sQueue.Api.Cluster;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>How a pool or a budget fares, in a word or two. Pure.</summary>
/// <param name="Text">The word.</param>
/// <param name="Tone">What a badge of it looks like.</param>
/// <param name="Reason">The operator's reason; null where there is none.</param>
/// <param name="Message">The operator's explanation; null where there is none.</param>
internal sealed record PoolReadiness(string Text, string Tone, string? Reason = null, string? Message = null)
{
    public const string Good = "good";
    public const string Warn = "warn";
    public const string Bad = "bad";

    private const string Ready = "Ready";

    public static PoolReadiness Of(PoolDocument pool) => pool.Suspended
        ? new("Suspended", Warn)
        : Of(pool.Observed, pool.Conditions);

    public static PoolReadiness Of(BudgetDocument budget) => Of(budget.Observed, budget.Conditions);

    /// <summary>What a condition's status looks like: those of trouble are good while they are not True.</summary>
    public static string ToneOf(ConditionDocument condition) => (condition.Type, condition.Status) switch
    {
        (Ready or "ScalingReady" or "SignalComplete" or "Discovered" or "Monitored", "True") => Good,
        (Ready or "ScalingReady" or "Discovered", "False") => Bad,
        ("SignalComplete" or "Monitored", _) or ("CapacityLimited" or "Exhausted" or "Unaccounted" or "Suspended", "True") or (_, "Unknown") => Warn,
        ("Progressing" or "Draining", "True") => "busy",
        _ => "",
    };

    private static PoolReadiness Of(bool observed, IReadOnlyList<ConditionDocument> conditions)
    {
        if (!observed)
            return new("Not observed", Bad, Message: "Its status is not about its spec as it is: no operator watches its namespace, or none runs.");
        var condition = conditions.FirstOrDefault(one => one.Type == Ready);
        return condition?.Status switch
        {
            "True" => new(Ready, Good, condition.Reason, condition.Message),
            "False" => new("Not ready", Bad, condition.Reason, condition.Message),
            _ => new("Unknown", Warn, condition?.Reason, condition?.Message),
        };
    }
}
