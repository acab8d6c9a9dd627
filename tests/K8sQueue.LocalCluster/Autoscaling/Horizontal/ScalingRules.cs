using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Autoscaling.Horizontal;

/// <summary>So many pods, or so many percent, in a period.</summary>
internal sealed record ScalingPolicy(bool IsPercent, int Value, int PeriodSeconds);

/// <summary>How fast a HorizontalPodAutoscaler may go one way, with the API's defaults.</summary>
internal sealed record ScalingRules(int StabilizationSeconds, string SelectPolicy, IReadOnlyList<ScalingPolicy> Policies)
{
    public const string Disabled = "Disabled";
    public const string Min = "Min";
    private const int DefaultPeriod = 15;

    public static ScalingRules Up(JsonObject? behavior) =>
        Of(behavior.MapAt("scaleUp"), 0, [new(false, 4, DefaultPeriod), new(true, 100, DefaultPeriod)]);

    public static ScalingRules Down(JsonObject? behavior) => Of(behavior.MapAt("scaleDown"), 300, [new(true, 100, DefaultPeriod)]);

    private static ScalingRules Of(JsonObject? rules, int stabilization, IReadOnlyList<ScalingPolicy> absent)
    {
        var policies = rules.ObjectsAt("policies")
            .Select(p => new ScalingPolicy(p.TextAt("type") == "Percent", p.IntegerAt("value") ?? 0, p.IntegerAt("periodSeconds") ?? DefaultPeriod))
            .ToList();
        return new(rules.IntegerAt("stabilizationWindowSeconds") ?? stabilization, rules.TextAt("selectPolicy") ?? "Max", policies.Count > 0 ? policies : absent);
    }
}
