using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("What a worker gets to finish what it runs.")]
public sealed class DrainSpec
{
    [Defaulted]
    [Range(1, 86_400)]
    [Description("Seconds from SIGTERM until a worker hands back what it has not finished. The pod's grace period is 30 s more.")]
    public int TimeoutSeconds { get; set; } = 30;
}
