using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>What a chosen pod carries, so that whoever leads next goes on with it.</summary>
internal static class DrainAnnotations
{
    /// <summary>Kubernetes' own: the lowest goes first, among pods that are alike in assignment, phase and readiness.</summary>
    public const string DeletionCost = "controller.kubernetes.io/pod-deletion-cost";

    private const string Lowest = "-2147483647";

    /// <summary>What its owner says that its removal costs, also while it is marked.</summary>
    public static int OwnDeletionCost(this V1Pod pod) => CostOf(OwnCost(pod));

    /// <summary>As Kubernetes reads it (GetDeletionCostFromPodAnnotations in pkg/apis/core/v1/helper): what it can't read costs nothing.</summary>
    public static int CostOf(string? text) =>
        text is "0" or [>= '1' and <= '9', ..] or ['-', ..]
        && int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var cost) ? cost : 0;

    public static DateTimeOffset? DrainingSince(this V1Pod pod) => AnnotationTime.Read(pod.Annotation(Labels.DrainingSince));

    /// <summary>When it began to leave: when it was chosen, or when its deletion was asked for.</summary>
    public static DateTimeOffset? LeavingSince(this V1Pod pod) =>
        pod.DrainingSince() ?? pod.Metadata.DeletionTimestamp - TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 0);

    /// <summary>What its owner says that its removal costs is kept beside.</summary>
    public static KubernetesPatch Mark(V1Pod pod, DateTimeOffset since) =>
        Patch(pod, Lowest, OwnCost(pod), AnnotationTime.Text(since));

    public static KubernetesPatch Unmark(V1Pod pod) => Patch(pod, OwnCost(pod), null, null);

    /// <summary>One that somebody has set since is the owner's.</summary>
    private static string? OwnCost(V1Pod pod) =>
        pod.Annotation(DeletionCost) is var cost && cost == Lowest ? pod.Annotation(Labels.DeletionCostBefore) : cost;

    /// <summary>The UID in it makes it fail for another pod of that name.</summary>
    private static KubernetesPatch Patch(V1Pod pod, string? cost, string? before, string? since) => new(
        new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = pod.Metadata.Uid,
                ["annotations"] = new JsonObject
                {
                    [DeletionCost] = cost,
                    [Labels.DeletionCostBefore] = before,
                    [Labels.DrainingSince] = since,
                },
            },
        },
        KubernetesPatch.MergePatch);
}
