using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities.Queues;

[Description("A queue of RabbitMQ.")]
public sealed class RabbitMqQueueSpec
{
    [MinLength(3)]
    [MaxLength(260)]
    [RegularExpression(RedisConnectionSpec.AddressPattern)]
    [Description("host:port of the management API, or with protocol amqp of the broker, as seen from KEDA's namespace.")]
    public string? Address { get; set; }

    [Defaulted]
    [Description("Whether to speak TLS.")]
    public bool Tls { get; set; }

    [Description("The user's name, in a Secret of the pool's namespace.")]
    public SecretKeyReference? UsernameSecretRef { get; set; }

    [Description("The password, in a Secret of the pool's namespace.")]
    public SecretKeyReference? PasswordSecretRef { get; set; }

    [Description("In place of address, tls, user and password: the whole URL, in a Secret of the pool's namespace.")]
    public SecretKeyReference? HostSecretRef { get; set; }

    [MinLength(1)]
    [MaxLength(255)]
    [Description("The virtual host. Unset: that of the URL, or /.")]
    public string? VirtualHost { get; set; }

    [MinLength(1)]
    [MaxLength(256)]
    [Description("The queue's name in RabbitMQ. Unset: the name above.")]
    public string? Queue { get; set; }

    [Defaulted]
    [AllowedValues("http", "amqp")]
    [MaxLength(8)]
    [Description("http counts messages that are ready and those that are not yet acknowledged; amqp counts only the former.")]
    public string Protocol { get; set; } = "http";
}
