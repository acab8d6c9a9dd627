using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities.Queues;

[Description("A queue of BullMQ, version 5 or 6, on Redis.")]
public sealed class BullMqQueueSpec
{
    [Required]
    [Description("The Redis that holds it.")]
    public RedisConnectionSpec Redis { get; set; } = new();

    [MinLength(1)]
    [MaxLength(256)]
    [Description("The queue's name in BullMQ. Unset: the name above.")]
    public string? Queue { get; set; }

    [Defaulted]
    [MinLength(1)]
    [MaxLength(256)]
    [Description("BullMQ's option prefix.")]
    public string Prefix { get; set; } = "bull";

    [Range(0, 16)]
    [Description("How many fields <prefix>:<queue>:meta has while the queue is not paused. Set, a pause is always seen; unset, it is guessed.")]
    public int? MetaFields { get; set; }
}
