using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("How a new revision takes the place of the one before.")]
public sealed class RolloutSpec
{
    [Defaulted]
    [Description("Replicas beyond the target during a rollout, as far as the budgets have room: a number, or a percentage, rounded up. 0: old ones go first.")]
    public IntOrString MaxSurge { get; set; } = "25%";

    [Defaulted]
    [Range(0, 3_600)]
    [Description("Seconds that a pod of the new revision has to be ready before a worker of the old one goes for it.")]
    public int MinReadySeconds { get; set; } = 10;

    [Defaulted]
    [Range(1, 86_400)]
    [Description("Seconds without a pod of the new revision becoming ready, counted from their grants, after which a rollout stops and says why.")]
    public int ProgressDeadlineSeconds { get; set; } = 600;

    [Defaulted]
    [Range(0, 20)]
    [Description("Earlier revisions that are kept at zero replicas to go back to.")]
    public int RevisionHistoryLimit { get; set; } = 3;

    internal TimeSpan MinReady => TimeSpan.FromSeconds(MinReadySeconds);

    /// <summary>Pods beyond so many replicas, a percentage rounded up as Deployments do it.</summary>
    public int SurgeOf(int replicas) => MaxSurge.Scale(replicas, roundUp: true);
}
