using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Tables;

/// <summary>The TARGETS cell of a HorizontalPodAutoscaler: current/target of its first two metrics.</summary>
internal static class AutoscalerColumns
{
    private const int Shown = 2;

    public static string Targets(JsonObject value)
    {
        var metrics = value.ListAt("spec", "metrics")?.OfType<JsonObject>().ToList() ?? [];
        if (metrics.Count == 0)
            return "<none>";
        var current = value.ListAt("status", "currentMetrics");
        var texts = metrics.Take(Shown).Select((metric, i) => Show(metric, i < (current?.Count ?? 0) ? current![i] : null));
        var text = string.Join(", ", texts);
        return metrics.Count > Shown ? $"{text} + {metrics.Count - Shown} more..." : text;
    }

    private static string Show(JsonObject metric, JsonNode? current)
    {
        var source = metric.TextAt("type") switch
        {
            "External" => "external",
            "Resource" => "resource",
            "Pods" => "pods",
            "Object" => "object",
            _ => "containerResource",
        };
        var target = metric.MapAt(source, "target");
        foreach (var (member, suffix) in new[] { ("averageValue", " (avg)"), ("averageUtilization", "%"), ("value", "") })
        {
            if (target.At(member) is { } wanted)
                return $"{current.At(source, "current", member)?.ToString() ?? "<unknown>"}/{wanted}{suffix}";
        }

        return "<unknown>";
    }
}
