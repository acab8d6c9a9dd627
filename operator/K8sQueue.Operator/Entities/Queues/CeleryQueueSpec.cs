using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities.Queues;

[Description("A queue of Celery with a Redis broker. A RabbitMQ broker is the kind rabbitmq.")]
public sealed class CeleryQueueSpec
{
    [Required]
    [Description("The Redis that holds it.")]
    public RedisConnectionSpec Redis { get; set; } = new();

    [MinLength(1)]
    [MaxLength(256)]
    [Description("The queue's name in Celery. Unset: the name above.")]
    public string? Queue { get; set; }

    [MinLength(1)]
    [MaxLength(256)]
    [Description("The transport option global_keyprefix. Unset: none.")]
    public string? KeyPrefix { get; set; }

    [MaxLength(10)]
    [Range(0, 255)]
    [Description("The transport option priority_steps. Unset: 0, 3, 6, 9.")]
    public List<int>? PrioritySteps { get; set; }

    [MinLength(1)]
    [MaxLength(16)]
    [Description("The transport option sep. Unset: kombu's own, the characters 6 and 22.")]
    public string? Separator { get; set; }

    [Defaulted]
    [MinLength(1)]
    [MaxLength(256)]
    [Description("The transport option unacked_key.")]
    public string UnackedKey { get; set; } = "unacked";

    [Defaulted]
    [Description("Whether only this pool's workers use that hash: its tasks count as this queue's then.")]
    public bool UnackedIsOwn { get; set; }

    [Defaulted]
    [Description("Whether tasks are acknowledged after they ran (task_acks_late): else those that run are in no key of Redis.")]
    public bool AcksLate { get; set; }
}
