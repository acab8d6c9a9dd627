using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Controllers.ReplicaSets;

internal static class ReplicaSetStatus
{
    private const string ReplicaFailure = "ReplicaFailure";

    /// <summary>The status that these active pods make; what a failure to create or delete one says is a condition.</summary>
    public static JsonObject Of(JsonObject replicaSet, IReadOnlyCollection<JsonObject> active, string? failure, DateTimeOffset now)
    {
        var minReady = replicaSet.IntegerAt("spec", "minReadySeconds") ?? 0;
        var template = LabelSelector.From(new JsonObject { ["matchLabels"] = replicaSet.At("spec", "template", "metadata", "labels")?.DeepClone() });
        var status = new JsonObject { ["replicas"] = active.Count };
        PutCount(status, "fullyLabeledReplicas", active.Count(p => template.Matches(p.Labels())));
        PutCount(status, "readyReplicas", active.Count(PodState.IsReady));
        PutCount(status, "availableReplicas", active.Count(p => PodState.IsAvailable(p, minReady, now)));
        status["observedGeneration"] = replicaSet.Generation();
        if (replicaSet.At("status", "conditions") is { } conditions)
            status["conditions"] = conditions.DeepClone();
        if (failure is null)
            StatusConditions.Remove(status, ReplicaFailure);
        else
            StatusConditions.Set(status, ReplicaFailure, "True", active.Count < Wanted(replicaSet) ? "FailedCreate" : "FailedDelete", failure, now);
        if (status["conditions"] is JsonArray { Count: 0 })
            status.Remove("conditions");
        return status;
    }

    public static int Wanted(JsonObject replicaSet) => replicaSet.IntegerAt("spec", "replicas") ?? 1;

    private static void PutCount(JsonObject status, string name, int count)
    {
        if (count > 0)
            status[name] = count;
    }
}
