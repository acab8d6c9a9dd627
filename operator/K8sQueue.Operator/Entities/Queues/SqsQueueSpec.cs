using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace K8sQueue.Operator.Entities.Queues;

[Description("A queue of Amazon SQS.")]
public sealed class SqsQueueSpec
{
    [Required]
    [MinLength(10)]
    [MaxLength(512)]
    [RegularExpression(@"^https?://[^\s/@]+/[0-9]+/[A-Za-z0-9_-]+(\.fifo)?$")]
    [Description("The queue's URL.")]
    public string QueueUrl { get; set; } = "";

    [Required]
    [MinLength(1)]
    [MaxLength(32)]
    [Description("The region.")]
    public string Region { get; set; } = "";

    [MaxLength(260)]
    [RegularExpression(@"^https?://[^\s/@?#]+/?$")]
    [Description("Another endpoint than AWS's own.")]
    public string? Endpoint { get; set; }

    [MaxLength(256)]
    [Description("The role that KEDA takes on. Unset: KEDA's own, where no keys are given.")]
    public string? RoleArn { get; set; }

    [Description("The access key's id, in a Secret of the pool's namespace.")]
    public SecretKeyReference? AccessKeyIdSecretRef { get; set; }

    [Description("The secret access key, in a Secret of the pool's namespace.")]
    public SecretKeyReference? SecretAccessKeySecretRef { get; set; }
}
