using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Deployments;

/// <summary>A Deployment's settings, with the API's defaults.</summary>
internal sealed record DeploymentSpec(
    int Replicas, int Surge, int Unavailable, bool Recreate, bool Paused, int HistoryLimit, int? ProgressDeadlineSeconds, int MinReadySeconds)
{
    private const string DefaultShare = "25%";

    public static DeploymentSpec Of(JsonObject deployment)
    {
        var spec = deployment.MapAt("spec") ?? [];
        var replicas = spec.IntegerAt("replicas") ?? 1;
        var recreate = spec.TextAt("strategy", "type") == "Recreate";
        var rolling = spec.MapAt("strategy", "rollingUpdate");
        var (surge, unavailable) = recreate
            ? (0, 0)
            : RolloutMath.Fenceposts(
                IntOrPercent.Scale(rolling.At("maxSurge") ?? DefaultShare, replicas, roundUp: true),
                IntOrPercent.Scale(rolling.At("maxUnavailable") ?? DefaultShare, replicas, roundUp: false));
        return new(
            replicas,
            surge,
            unavailable,
            recreate,
            spec.FlagAt("paused"),
            spec.IntegerAt("revisionHistoryLimit") ?? 10,
            spec.IntegerAt("progressDeadlineSeconds") ?? 600,
            spec.IntegerAt("minReadySeconds") ?? 0);
    }
}
