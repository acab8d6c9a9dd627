namespace K8sQueue.Quickstart;

/// <summary>What the command line said.</summary>
public sealed record QuickstartOptions
{
    /// <summary>With fewer jobs the pool has no reason to grow to its budget, which the summary checks.</summary>
    public const int FewestJobs = 1500;

    /// <summary>How many jobs to enqueue. The default value is 3000.</summary>
    public int Jobs { get; init; } = 3000;

    /// <summary>Leave everything up afterwards, until Ctrl-C.</summary>
    public bool Keep { get; init; }

    /// <summary>Where logs, data and the kubeconfig go.</summary>
    public required string Directory { get; init; }

    /// <summary>How long the run may take. The default value is 3 minutes.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>When the program started, as a timestamp of the time provider.</summary>
    public long Started { get; init; }
}
