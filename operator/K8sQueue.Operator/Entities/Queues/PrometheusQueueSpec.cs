using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities.Queues;

[Description("A queue whose length Prometheus knows.")]
public sealed class PrometheusQueueSpec
{
    [Required]
    [MinLength(8)]
    [MaxLength(512)]
    [RegularExpression(@"^https?://[^\s/@?#]+(/[^\s@?#]*)?$")]
    [Description("Prometheus's address, as seen from KEDA's namespace.")]
    public string ServerAddress { get; set; } = "";

    [Required]
    [MinLength(1)]
    [MaxLength(4096)]
    [Description("Answers one number: the jobs.")]
    public string Query { get; set; } = "";

    [Defaulted]
    [Description("Whether that number includes the jobs that run.")]
    public bool CountsInFlight { get; set; }

    [Defaulted]
    [Description("Whether no answer means no jobs. Else it is an error, and the pool stays as it is.")]
    public bool EmptyIsZero { get; set; }

    [Description("A bearer token, in a Secret of the pool's namespace.")]
    public SecretKeyReference? BearerTokenSecretRef { get; set; }

    [Description("The user's name, in a Secret of the pool's namespace.")]
    public SecretKeyReference? UsernameSecretRef { get; set; }

    [Description("The password, in a Secret of the pool's namespace.")]
    public SecretKeyReference? PasswordSecretRef { get; set; }

    [Description("The certificate authority, PEM, in a Secret of the pool's namespace. Unset: the system's.")]
    public SecretKeyReference? CaSecretRef { get; set; }
}
