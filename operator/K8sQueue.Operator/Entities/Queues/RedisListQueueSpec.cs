using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities.Queues;

[Description("A list, or another collection, of Redis whose items are jobs.")]
public sealed class RedisListQueueSpec
{
    [Required]
    [Description("The Redis that holds it.")]
    public RedisConnectionSpec Redis { get; set; } = new();

    [Required]
    [MinLength(1)]
    [MaxLength(512)]
    [Description("The key of what waits: a list, set, sorted set or hash.")]
    public string Key { get; set; } = "";

    [MaxLength(4)]
    [ValueMaxLength(512)]
    [Description("The keys of what runs, of this queue alone: a list, set, sorted set or hash each.")]
    public List<string>? InFlightKeys { get; set; }
}
