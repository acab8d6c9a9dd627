using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("What may be held.")]
public sealed class ConnectionBudgetSpec
{
    [Range(1, 1_000_000)]
    [Description("The connections that the server accepts. Beside a server to read it from, the smaller of both counts.")]
    public int? Capacity { get; set; }

    [Description("A PostgreSQL to read the capacity from.")]
    public PostgresServerSpec? Postgresql { get; set; }

    [Description("A Redis to read the capacity from.")]
    public RedisServerSpec? Redis { get; set; }

    [Description("A RabbitMQ to read the capacity from.")]
    public RabbitMqServerSpec? Rabbitmq { get; set; }

    [Defaulted]
    [Range(0, 1_000_000)]
    [Description("Connections kept for people, migrations, the autoscaler, and back-ends that linger after a worker's restart.")]
    public int Reserved { get; set; }

    [MaxLength(32)]
    [ListKey("name")]
    [Description("Others that hold connections and are no worker pools: API servers, other hosts.")]
    public List<ExternalConsumer>? External { get; set; }

    [Defaulted]
    [Range(0, 86_400)]
    [Description("Seconds for which a lost pod's connections stay held: a node that went away may still run it.")]
    public int LostHoldSeconds { get; set; } = 300;
}

[Description("A consumer that is no worker pool.")]
public sealed class ExternalConsumer
{
    [Required]
    [MinLength(1)]
    [MaxLength(63)]
    [Description("Its name; where a server is read, what its connections call themselves: application_name or client name.")]
    public string Name { get; set; } = "";

    [Required]
    [Range(1, 1_000_000)]
    [Description("The most connections it opens.")]
    public int Connections { get; set; }
}
