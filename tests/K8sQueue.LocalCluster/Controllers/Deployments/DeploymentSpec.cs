using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;

namespace K8sQueue.LocalCluster.Controllers.Deployments;

/// <summary>A Deployment's settings, with the API's defaults.</summary>
internal sealed record DeploymentSpec(
    int Replicas, int Surge, int Unavailable, bool Recreate, bool Paused, int HistoryLimit, int? ProgressDeadlineSeconds, int MinReadySeconds)
{
    private const string DefaultShare = "25%";

    public static DeploymentSpec Of(JsonObject deployment)
    {
        var spec = deployment.Child("spec") ?? [];
        var replicas = spec.Integer("replicas") ?? 1;
        var recreate = spec.Text("strategy", "type") == "Recreate";
        var rolling = spec.Child("strategy", "rollingUpdate");
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
            spec.Flag("paused"),
            spec.Integer("revisionHistoryLimit") ?? 10,
            spec.Integer("progressDeadlineSeconds") ?? 600,
            spec.Integer("minReadySeconds") ?? 0);
    }
}
