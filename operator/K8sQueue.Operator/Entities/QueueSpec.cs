using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Queues;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("A queue: exactly one kind.")]
public sealed class QueueSpec
{
    [Required]
    [MinLength(1)]
    [MaxLength(63)]
    [RegularExpression("^[a-z0-9]([-a-z0-9_.]*[a-z0-9])?$")]
    [Description("The queue's name; unique within the pool.")]
    public string Name { get; set; } = "";

    [Range(1, 1_000_000)]
    [Description("How many jobs, waiting and running, call for one replica.")]
    public int? JobsPerReplica { get; set; }

    [Description("A queue of K8sQueue's own, on Redis.")]
    public NativeQueueSpec? K8squeue { get; set; }

    [Description("A queue of BullMQ.")]
    public BullMqQueueSpec? Bullmq { get; set; }

    [Description("A queue of Celery with a Redis broker.")]
    public CeleryQueueSpec? Celery { get; set; }

    [Description("A queue of Sidekiq.")]
    public SidekiqQueueSpec? Sidekiq { get; set; }

    [Description("A list of Redis.")]
    public RedisListQueueSpec? RedisList { get; set; }

    [Description("A stream of Redis.")]
    public RedisStreamQueueSpec? RedisStream { get; set; }

    [Description("A queue of RabbitMQ.")]
    public RabbitMqQueueSpec? Rabbitmq { get; set; }

    [Description("Jobs in a table of PostgreSQL.")]
    public PostgreSqlQueueSpec? Postgresql { get; set; }

    [Description("A consumer group of Kafka.")]
    public KafkaQueueSpec? Kafka { get; set; }

    [Description("A queue of Amazon SQS.")]
    public SqsQueueSpec? Sqs { get; set; }

    [Description("A queue whose length Prometheus knows.")]
    public PrometheusQueueSpec? Prometheus { get; set; }

    [Description("Any KEDA trigger, as it is.")]
    public KedaTriggerSpec? Keda { get; set; }
}

[Description("A queue of K8sQueue's own.")]
public sealed class NativeQueueSpec
{
    [Required]
    [Description("The Redis that holds it.")]
    public RedisConnectionSpec Redis { get; set; } = new();

    [Defaulted]
    [AllowedValues(QueueSignal.Poll, QueueSignal.Push)]
    [MaxLength(16)]
    [Description("Poll: KEDA asks Redis every pollingIntervalSeconds. Push: the operator tells KEDA within a second that there is work.")]
    public string Signal { get; set; } = QueueSignal.Poll;
}

[Description("How to reach a Redis.")]
public sealed class RedisConnectionSpec
{
    internal const string AddressPattern = $@"^(\[[0-9a-fA-F:.]+\]|{Label}(\.{Label})*):({Port})$";

    private const string Label = "[A-Za-z0-9]([-A-Za-z0-9_]*[A-Za-z0-9])?";
    private const string Port = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]";

    [Required]
    [MinLength(3)]
    [MaxLength(260)]
    [RegularExpression(AddressPattern)]
    [Description("host:port, as seen from the workers and from KEDA's namespace.")]
    public string Address { get; set; } = "";

    [Defaulted]
    [Range(0, 1023)]
    [Description("The database's number.")]
    public int Database { get; set; }

    [Defaulted]
    [Description("Whether to speak TLS.")]
    public bool Tls { get; set; }

    [Description("The password, in a Secret of the pool's namespace.")]
    public SecretKeyReference? PasswordSecretRef { get; set; }

    [Description("The certificate authority, PEM, in a Secret of the pool's namespace. Unset: the system's.")]
    public SecretKeyReference? CaSecretRef { get; set; }
}

[Description("A key of a Secret of the same namespace.")]
public sealed class SecretKeyReference
{
    [Required]
    [MinLength(1)]
    [MaxLength(253)]
    [Description("The Secret's name.")]
    public string Name { get; set; } = "";

    [Required]
    [MinLength(1)]
    [MaxLength(253)]
    [Description("The key in it.")]
    public string Key { get; set; } = "";
}

[Description("A KEDA trigger. Without jobsPerReplica the trigger's own threshold counts.")]
public sealed class KedaTriggerSpec
{
    [Required]
    [MinLength(1)]
    [MaxLength(63)]
    [Description("The scaler, for example rabbitmq.")]
    public string Type { get; set; } = "";

    [MaxLength(64)]
    [ValueMaxLength(4096)]
    [Description("The scaler's settings; every value is a string.")]
    public Dictionary<string, string>? Metadata { get; set; }

    [AllowedValues("AverageValue", "Utilization")]
    [MaxLength(16)]
    [Description("How KEDA compares; left to the scaler where unset.")]
    public string? MetricType { get; set; }

    [Description("The TriggerAuthentication with the scaler's credentials.")]
    public KedaAuthenticationReference? AuthenticationRef { get; set; }
}

[Description("A TriggerAuthentication that exists already.")]
public sealed class KedaAuthenticationReference
{
    [Required]
    [MinLength(1)]
    [MaxLength(253)]
    [Description("Its name.")]
    public string Name { get; set; } = "";

    [Defaulted]
    [AllowedValues("TriggerAuthentication", "ClusterTriggerAuthentication")]
    [MaxLength(32)]
    [Description("Its kind.")]
    public string Kind { get; set; } = "TriggerAuthentication";
}
