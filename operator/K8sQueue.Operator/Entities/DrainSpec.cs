using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using K8sQueue.Operator.Entities.Schema;

namespace K8sQueue.Operator.Entities;

[Description("What a worker gets to finish what it runs, and which workers go first.")]
public sealed class DrainSpec
{
    [Defaulted]
    [Range(1, 86_400)]
    [Description("Seconds from SIGTERM until a worker hands back what it has not finished. The pod's grace period is 30 s more. With IdleOnly also "
        + "the longest that a worker is kept from new jobs while it is waited for.")]
    public int TimeoutSeconds { get; set; } = 30;

    [Defaulted]
    [AllowedValues(DrainPolicies.IdleFirst, DrainPolicies.IdleOnly)]
    [MaxLength(16)]
    [Description("Which workers scale-in and rollouts take: idle ones first, then the least busy (IdleFirst), or idle ones only (IdleOnly).")]
    public string Policy { get; set; } = DrainPolicies.IdleFirst;

    /// <summary>
    /// No busy worker may go. Such a pool's pods are made with the scheduling gate though nothing be charged for them: the replacement of a deleted
    /// one must not start.
    /// </summary>
    internal bool TakesIdleOnly => Policy == DrainPolicies.IdleOnly;
}

/// <summary>The values of <c>spec.drain.policy</c>.</summary>
public static class DrainPolicies
{
    public const string IdleFirst = "IdleFirst";
    public const string IdleOnly = "IdleOnly";
}
