using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("What each replica holds of a budget.")]
public sealed class ConnectionSpec
{
    [Required]
    [MinLength(1)]
    [MaxLength(63)]
    [Description("The ConnectionBudget's name.")]
    public string Budget { get; set; } = "";

    [Required]
    [Range(1, 100_000)]
    [Description("The most connections that one replica opens; the first budget's reaches the worker as K8SQUEUE_DB_POOL_SIZE.")]
    public int PerReplica { get; set; }

    [Defaulted]
    [Range(1, 1000)]
    [Description("This pool's weight where the budget does not suffice for all.")]
    public int Weight { get; set; } = 1;
}
