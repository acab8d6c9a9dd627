using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace K8sQueue.Operator.Entities.Queues;

[Description("A stream of Redis whose entries are jobs.")]
public sealed class RedisStreamQueueSpec
{
    [Required]
    [Description("The Redis that holds it.")]
    public RedisConnectionSpec Redis { get; set; } = new();

    [Required]
    [MinLength(1)]
    [MaxLength(512)]
    [Description("The stream's key.")]
    public string Stream { get; set; } = "";

    [MinLength(1)]
    [MaxLength(256)]
    [Description("The group whose lag and pending entries count. Unset: the stream's length does, for consumers that delete what they finished.")]
    public string? ConsumerGroup { get; set; }
}
