using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Autoscaling.Targets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Resources;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>Writes to a ScaledObject's status; each tells whether it changed anything.</summary>
internal static class ScaledObjectStatus
{
    public static bool Initialize(JsonObject status)
    {
        var changed = false;
        foreach (var (type, value) in (ReadOnlySpan<(string, string)>)[("Ready", "Unknown"), ("Active", "Unknown"), ("Fallback", "Unknown"), ("Paused", "False")])
        {
            if (StatusConditions.Find(status, type) is null)
                changed |= Set(status, new KedaCondition(type, value, "", ""));
        }

        return changed;
    }

    /// <summary>KEDA's conditions carry no time, and its CRD would not keep one.</summary>
    public static bool Set(JsonObject status, KedaCondition condition)
    {
        var written = new JsonObject { ["type"] = condition.Type, ["status"] = condition.Status };
        if (condition.Reason.Length > 0)
            written["reason"] = condition.Reason;
        if (condition.Message.Length > 0)
            written["message"] = condition.Message;
        var old = StatusConditions.Find(status, condition.Type);
        if (JsonNode.DeepEquals(old, written))
            return false;
        StatusConditions.Replace(status, old, written);
        return true;
    }

    public static bool SetTarget(JsonObject status, ScaleTargetReference target, ResourceEndpoint endpoint, int replicas)
    {
        var changed = status.Put(target.GroupVersionKind, "scaleTargetKind")
            | status.Put(new JsonObject
            {
                ["group"] = target.Group,
                ["version"] = target.Version,
                ["kind"] = target.Kind,
                ["resource"] = endpoint.Type.Resource.Plural,
            }, "scaleTargetGVKR");
        return status.IntegerAt("originalReplicaCount") is null ? status.Put(replicas, "originalReplicaCount") | changed : changed;
    }

    public static bool SetTriggers(JsonObject status, ScaledObject value, IEnumerable<string> metricNames) =>
        status.Put(JsonTree.Texts(metricNames), "externalMetricNames")
        | status.Put(value.Modifiers is null ? null : ScaledObject.CompositeMetric, "compositeScalerName")
        | status.Put(string.Join(',', value.Triggers.Select(t => t.Type).Distinct()), "triggersTypes")
        | status.Put(string.Join(',', value.Triggers.Select(t => t.Authentication).OfType<string>().Distinct()), "authenticationsTypes");

    public static bool SetActivity(JsonObject status, IReadOnlyDictionary<string, bool> activity) =>
        status.Put(new JsonObject(activity.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)new JsonObject { ["isActive"] = a.Value }))), "triggersActivity");

    public static bool SetHealth(JsonObject status, ScaledObject value, IReadOnlyDictionary<string, int> failures)
    {
        if (!FallbackMath.IsValid(value))
            return Set(status, new("Fallback", "False", "NoFallbackFound", "No fallbacks are active on this scaled object"));
        var health = new JsonObject(failures.Select(f => KeyValuePair.Create(f.Key, (JsonNode?)new JsonObject
        {
            ["numberOfFailures"] = f.Value,
            ["status"] = f.Value > 0 ? "Failing" : "Happy",
        })));
        var active = failures.Values.Any(f => f > value.Fallback!.FailureThreshold);
        return status.Put(health, "health") | Set(status, active
            ? new("Fallback", "True", "FallbackExists", "At least one trigger is falling back on this scaled object")
            : new("Fallback", "False", "NoFallbackFound", "No fallbacks are active on this scaled object"));
    }
}
