namespace K8sQueue.Core.Jobs;

/// <summary>Which jobs of a queue are meant: those of a state that everything else that is given fits.</summary>
/// <param name="State">Where they stand.</param>
public sealed record JobFilter(JobState State)
{
    /// <summary>The job's type.</summary>
    public string? Type { get; init; }

    /// <summary>One of the job's tags.</summary>
    public string? Tag { get; init; }

    /// <summary>Enqueued before this time; where <see cref="State"/> is one that jobs end in, ended before it.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Whether it takes whatever has its state.</summary>
    public bool TakesAll => this == new JobFilter(State);

    /// <summary>Whether it takes a job of its state.</summary>
    public bool Takes(JobSnapshot job)
    {
        ArgumentNullException.ThrowIfNull(job);
        return (Type is null || job.Type == Type)
            && (Tag is null || job.Traits?.Tags.Contains(Tag, StringComparer.Ordinal) == true)
            && !((State.IsEnd() ? job.FinishedAt : job.EnqueuedAt) >= Before);
    }
}

/// <summary>Some of a queue's jobs.</summary>
/// <param name="Jobs">What is known of them, results left out; of an untracked one what its entry says.</param>
/// <param name="Next">Give it for those that follow; null where there are none. A page may have fewer jobs than were asked for, or none, and a next one.</param>
public sealed record JobPage(IReadOnlyList<JobSnapshot> Jobs, string? Next);
