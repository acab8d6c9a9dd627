using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities.Queues;

[Description("A consumer group of Kafka.")]
public sealed class KafkaQueueSpec
{
    [Required]
    [MinLength(1)]
    [MaxLength(16)]
    [ValueMaxLength(260)]
    [Description("host:port of some brokers, as seen from KEDA's namespace.")]
    public List<string> BootstrapServers { get; set; } = [];

    [Required]
    [MinLength(1)]
    [MaxLength(255)]
    [Description("The consumer group whose lag counts.")]
    public string ConsumerGroup { get; set; } = "";

    [MinLength(1)]
    [MaxLength(249)]
    [Description("The topic. Unset: every topic that the group has offsets of.")]
    public string? Topic { get; set; }

    [Defaulted]
    [Description("Whether to speak TLS.")]
    public bool Tls { get; set; }

    [Description("The certificate authority, PEM, in a Secret of the pool's namespace. Unset: the system's.")]
    public SecretKeyReference? CaSecretRef { get; set; }

    [AllowedValues("plaintext", "scram_sha256", "scram_sha512")]
    [MaxLength(16)]
    [Description("How to log in. Unset: not at all.")]
    public string? Sasl { get; set; }

    [Description("The user's name, in a Secret of the pool's namespace.")]
    public SecretKeyReference? UsernameSecretRef { get; set; }

    [Description("The password, in a Secret of the pool's namespace.")]
    public SecretKeyReference? PasswordSecretRef { get; set; }

    [Defaulted]
    [AllowedValues("earliest", "latest")]
    [MaxLength(16)]
    [Description("The consumers' auto.offset.reset: what counts where the group has committed nothing yet.")]
    public string OffsetResetPolicy { get; set; } = "latest";

    [Defaulted]
    [Description("Whether the pool may have more replicas than the topic has partitions.")]
    public bool AllowIdleConsumers { get; set; }
}
