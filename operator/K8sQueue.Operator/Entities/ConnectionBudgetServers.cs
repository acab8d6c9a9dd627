using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("A PostgreSQL whose connection limits are read.")]
public sealed class PostgresServerSpec
{
    public const int DefaultRefreshSeconds = 60;

    [Required]
    [Description("A connection string, postgresql://user:password@host:port/database or key=value pairs, in a Secret of the budget's namespace. Its role should be the workers'.")]
    public SecretKeyReference ConnectionSecretRef { get; set; } = new();

    [Description("The certificate authority, PEM, in a Secret of the budget's namespace. Unset: the system's.")]
    public SecretKeyReference? CaSecretRef { get; set; }

    [Defaulted]
    [Range(10, 86_400)]
    [Description("Seconds between two reads.")]
    public int RefreshSeconds { get; set; } = DefaultRefreshSeconds;
}

[Description("A Redis whose client limit is read. Native pools of the same address are charged to the budget by themselves.")]
public sealed class RedisServerSpec
{
    [Required]
    [MinLength(3)]
    [MaxLength(260)]
    [RegularExpression(RedisConnectionSpec.AddressPattern)]
    [Description("host:port, as the pools have it.")]
    public string Address { get; set; } = "";

    [Defaulted]
    [Range(0, 1023)]
    [Description("The database's number.")]
    public int Database { get; set; }

    [Defaulted]
    [Description("Whether to speak TLS.")]
    public bool Tls { get; set; }

    [Description("The password, in a Secret of the budget's namespace.")]
    public SecretKeyReference? PasswordSecretRef { get; set; }

    [Description("The certificate authority, PEM, in a Secret of the budget's namespace. Unset: the system's.")]
    public SecretKeyReference? CaSecretRef { get; set; }

    [Defaulted]
    [Range(10, 86_400)]
    [Description("Seconds between two reads.")]
    public int RefreshSeconds { get; set; } = PostgresServerSpec.DefaultRefreshSeconds;
}

[Description("A RabbitMQ whose connection limits are read from its management API.")]
public sealed class RabbitMqServerSpec
{
    [Required]
    [MinLength(8)]
    [MaxLength(512)]
    [RegularExpression(@"^https?://[^\s/@?#]+(/[^\s@?#]*)?$")]
    [Description("The management API, for example http://rabbitmq:15672, without user and password.")]
    public string ManagementUrl { get; set; } = "";

    [Defaulted]
    [MinLength(1)]
    [MaxLength(255)]
    [Description("The virtual host that the workers use.")]
    public string Vhost { get; set; } = "/";

    [MinLength(1)]
    [MaxLength(128)]
    [Description("The workers' user, whose own limit counts too; reading it takes the tag administrator. Unset: limits of users don't count.")]
    public string? User { get; set; }

    [Required]
    [Description("Whom to read as, with the tag monitoring, in a Secret of the budget's namespace.")]
    public SecretKeyReference UsernameSecretRef { get; set; } = new();

    [Required]
    [Description("The password, in a Secret of the budget's namespace.")]
    public SecretKeyReference PasswordSecretRef { get; set; } = new();

    [Description("The certificate authority, PEM, in a Secret of the budget's namespace. Unset: the system's.")]
    public SecretKeyReference? CaSecretRef { get; set; }

    [Defaulted]
    [Range(10, 86_400)]
    [Description("Seconds between two reads.")]
    public int RefreshSeconds { get; set; } = PostgresServerSpec.DefaultRefreshSeconds;
}
