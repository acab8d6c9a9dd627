using K8sQueue.LocalCluster.Access;

namespace K8sQueue.LocalCluster.Operations;

/// <summary>What to do about fields that the schema does not know.</summary>
internal enum FieldValidation
{
    Ignore,
    Warn,
    Strict,
}

/// <summary>How a write is asked for.</summary>
internal sealed record WriteOptions
{
    /// <summary>The field manager.</summary>
    public string Manager { get; init; } = "unknown";

    public string? Subresource { get; init; }

    /// <summary>Who writes. The default value is a controller of this process.</summary>
    public ClusterUser User { get; init; } = ClusterUser.Controllers;

    public bool DryRun { get; init; }

    /// <summary>Apply: take fields over from other managers.</summary>
    public bool Force { get; init; }

    public FieldValidation FieldValidation { get; init; } = FieldValidation.Warn;

    /// <summary>A caller in this process (scheduler, kubelet and controllers), which may for example bind a pod.</summary>
    public bool Trusted { get; init; }

    /// <summary>Filled with what the caller should be warned of.</summary>
    public List<string> Warnings { get; } = [];
}

internal enum Propagation
{
    Background,
    Foreground,
    Orphan,
}

/// <summary>How a deletion is asked for.</summary>
internal sealed record DeleteOptions
{
    public Propagation Propagation { get; init; } = Propagation.Background;

    public string? Uid { get; init; }

    public string? ResourceVersion { get; init; }

    public long? GracePeriodSeconds { get; init; }

    public bool DryRun { get; init; }
}
