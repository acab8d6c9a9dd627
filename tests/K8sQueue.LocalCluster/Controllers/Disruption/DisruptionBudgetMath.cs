using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Disruption;

/// <summary>How many pods of a PodDisruptionBudget may go (pkg/controller/disruption).</summary>
internal sealed record DisruptionBudgetMath(int ExpectedPods, int CurrentHealthy, int DesiredHealthy)
{
    public int DisruptionsAllowed => ExpectedPods > 0 ? Math.Max(0, CurrentHealthy - DesiredHealthy) : 0;

    /// <param name="pods">How many pods match.</param>
    /// <param name="wanted">How many their controllers want; what maxUnavailable and percentages are of.</param>
    /// <param name="healthy">How many are ready and not going away.</param>
    public static DisruptionBudgetMath Of(JsonObject budget, int pods, int wanted, int healthy)
    {
        if (budget.At("spec", "maxUnavailable") is { } unavailable)
            return new(wanted, healthy, Math.Max(0, wanted - (IntOrPercent.Scale(unavailable, wanted, roundUp: true) ?? 0)));
        var available = budget.At("spec", "minAvailable") ?? 1;
        return available.AsInteger() is { } number
            ? new(pods, healthy, (int)number)
            : new(wanted, healthy, IntOrPercent.Scale(available, wanted, roundUp: true) ?? 0);
    }
}
