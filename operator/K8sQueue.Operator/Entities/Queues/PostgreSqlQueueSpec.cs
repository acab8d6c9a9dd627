using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities.Queues;

[Description("Jobs in a table of PostgreSQL.")]
public sealed class PostgreSqlQueueSpec
{
    [MinLength(3)]
    [MaxLength(260)]
    [RegularExpression(RedisConnectionSpec.AddressPattern)]
    [Description("host:port, as seen from KEDA's namespace.")]
    public string? Address { get; set; }

    [MinLength(1)]
    [MaxLength(63)]
    [Description("The database's name.")]
    public string? Database { get; set; }

    [MinLength(1)]
    [MaxLength(63)]
    [Description("The role to log in as: one that may read the table, and nothing else.")]
    public string? User { get; set; }

    [Defaulted]
    [AllowedValues("disable", "prefer", "require", "verify-ca", "verify-full")]
    [MaxLength(16)]
    [Description("sslmode.")]
    public string SslMode { get; set; } = "require";

    [Description("The password, in a Secret of the pool's namespace.")]
    public SecretKeyReference? PasswordSecretRef { get; set; }

    [Description("In place of all above: the connection string, in a Secret of the pool's namespace.")]
    public SecretKeyReference? ConnectionSecretRef { get; set; }

    [Required]
    [MinLength(1)]
    [MaxLength(4096)]
    [Description("Answers one number: the jobs.")]
    public string Query { get; set; } = "";

    [Defaulted]
    [Description("Whether that number includes the jobs that run.")]
    public bool CountsInFlight { get; set; }
}
