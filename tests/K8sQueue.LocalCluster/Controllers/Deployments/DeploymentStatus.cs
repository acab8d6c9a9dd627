using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.ReplicaSets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Deployments;

/// <summary>A Deployment's status from its ReplicaSets', with the conditions Available and Progressing.</summary>
internal static class DeploymentStatus
{
    private const string Available = "Available";
    private const string Progressing = "Progressing";
    private const string TimedOut = "ProgressDeadlineExceeded";

    public static JsonObject Of(
        JsonObject deployment, DeploymentSpec spec, JsonObject? newSet, IReadOnlyCollection<JsonObject> allSets, DateTimeOffset now)
    {
        var available = Sum(allSets, "availableReplicas");
        var status = new JsonObject { ["observedGeneration"] = deployment.Generation() };
        PutCount(status, "replicas", Sum(allSets, "replicas"));
        PutCount(status, "updatedReplicas", newSet.IntegerAt("status", "replicas") ?? 0);
        PutCount(status, "readyReplicas", Sum(allSets, "readyReplicas"));
        PutCount(status, "availableReplicas", available);
        PutCount(status, "unavailableReplicas", Math.Max(0, allSets.Sum(ReplicaSetStatus.Wanted) - available));
        foreach (var kept in (ReadOnlySpan<string>)["conditions", "collisionCount"])
        {
            if (deployment.At("status", kept) is { } value)
                status[kept] = value.DeepClone();
        }

        if (available >= spec.Replicas - Math.Min(spec.Unavailable, spec.Replicas))
            Set(status, Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.", now);
        else
            Set(status, Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now);
        SetProgressing(deployment, spec, newSet, status, now);
        return status;
    }

    private static void SetProgressing(JsonObject deployment, DeploymentSpec spec, JsonObject? newSet, JsonObject status, DateTimeOffset now)
    {
        if (spec.Paused)
        {
            Set(status, Progressing, "Unknown", "DeploymentPaused", "Deployment is paused", now);
            return;
        }

        var name = newSet?.Name() ?? deployment.Name();
        var old = deployment.MapAt("status");
        var current = StatusConditions.Find(status, Progressing);
        if (IsComplete(spec, status) && newSet is not null)
        {
            Set(status, Progressing, "True", "NewReplicaSetAvailable", $"ReplicaSet \"{name}\" has successfully progressed.", now);
        }
        else if (current is null || HasProgressed(old, status) || current.TextAt("reason") == "NewReplicaSetAvailable" && newSet is not null && IsNewRollout(old, status))
        {
            Set(status, Progressing, "True", "ReplicaSetUpdated", $"ReplicaSet \"{name}\" is progressing.", now, touch: true);
        }
        else if (current.TextAt("reason") is not ("NewReplicaSetAvailable" or TimedOut) && Deadline(spec, current) is { } deadline && deadline <= now)
        {
            Set(status, Progressing, "False", TimedOut, $"ReplicaSet \"{name}\" has timed out progressing.", now);
        }
    }

    /// <summary>When an unfinished rollout counts as stuck, unless it progresses.</summary>
    public static TimeSpan? UntilDeadline(DeploymentSpec spec, JsonObject status, DateTimeOffset now) =>
        StatusConditions.Find(status, Progressing) is { } current && current.TextAt("status") == "True"
        && current.TextAt("reason") != "NewReplicaSetAvailable" && Deadline(spec, current) is { } deadline
            ? deadline - now + TimeSpan.FromSeconds(1)
            : null;

    private static DateTimeOffset? Deadline(DeploymentSpec spec, JsonObject condition) =>
        spec.ProgressDeadlineSeconds is { } seconds and < int.MaxValue
        && condition.TimeAt("lastUpdateTime") is { } updated
            ? updated.AddSeconds(seconds)
            : null;

    private static bool IsComplete(DeploymentSpec spec, JsonObject status) =>
        Count(status, "updatedReplicas") == spec.Replicas && Count(status, "replicas") == spec.Replicas
        && Count(status, "availableReplicas") == spec.Replicas;

    private static bool HasProgressed(JsonObject? old, JsonObject now) =>
        Count(now, "updatedReplicas") > Count(old, "updatedReplicas")
        || Count(now, "replicas") - Count(now, "updatedReplicas") < Count(old, "replicas") - Count(old, "updatedReplicas")
        || Count(now, "readyReplicas") > Count(old, "readyReplicas")
        || Count(now, "availableReplicas") > Count(old, "availableReplicas");

    private static bool IsNewRollout(JsonObject? old, JsonObject now) => Count(now, "updatedReplicas") < Count(old, "updatedReplicas");

    private static int Count(JsonObject? status, string name) => status.IntegerAt(name) ?? 0;

    private static int Sum(IEnumerable<JsonObject> sets, string name) => sets.Sum(s => s.IntegerAt("status", name) ?? 0);

    private static void PutCount(JsonObject status, string name, int count)
    {
        if (count > 0)
            status[name] = count;
    }

    private static void Set(JsonObject status, string type, string value, string reason, string message, DateTimeOffset now, bool touch = false)
    {
        var before = StatusConditions.Find(status, type).TimeAt("lastUpdateTime");
        var changed = StatusConditions.Set(status, type, value, reason, message, now);
        StatusConditions.Find(status, type)!["lastUpdateTime"] = (changed || touch || before is null ? now : before.Value).ToTimestamp();
    }
}
