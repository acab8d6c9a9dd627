namespace K8sQueue.Core.Jobs;

/// <summary>Which jobs of a queue are meant: those of a state that everything else that is given fits.</summary>
/// <param name="State">Where they stand.</param>
public sealed record JobFilter(JobState State)
{
    /// <summary>The job's type.</summary>
    public string? Type { get; init; }

    /// <summary>One of the job's tags.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether it takes a job of its state.</summary>
    public bool Takes(string type, JobTraits? traits) =>
        (Type is null || type == Type) && (Tag is null || traits?.Tags.Contains(Tag, StringComparer.Ordinal) == true);
}

/// <summary>Some of a queue's jobs.</summary>
/// <param name="Jobs">What is known of them, results left out; of an untracked one what its entry says.</param>
/// <param name="Next">Give it for those that follow; null where there are none. A page may have fewer jobs than were asked for, or none, and a next one.</param>
public sealed record JobPage(IReadOnlyList<JobSnapshot> Jobs, string? Next);
