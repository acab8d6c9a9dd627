using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace K8sQueue.Operator.Entities.Queues;

[Description("A queue of Sidekiq.")]
public sealed class SidekiqQueueSpec
{
    [Required]
    [Description("The Redis that holds it.")]
    public RedisConnectionSpec Redis { get; set; } = new();

    [MinLength(1)]
    [MaxLength(256)]
    [Description("The queue's name in Sidekiq. Unset: the name above.")]
    public string? Queue { get; set; }
}
