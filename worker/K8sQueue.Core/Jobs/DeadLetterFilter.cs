namespace K8sQueue.Core.Jobs;

/// <summary>Which dead letters are meant: those that everything that is given fits.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>The job's type.</summary>
    public string? Type { get; init; }

    /// <summary>One of <see cref="DeadLetterReasons"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>One of the job's tags.</summary>
    public string? Tag { get; init; }

    /// <summary>Words that the error holds, in whatever case; null for any error.</summary>
    /// <exception cref="ArgumentException">They are empty or blank: every error would hold them.</exception>
    public string? Error
    {
        get;
        init
        {
            if (value is not null)
                ArgumentException.ThrowIfNullOrWhiteSpace(value, nameof(Error));
            field = value;
        }
    }

    /// <summary>Buried at this time or later.</summary>
    public DateTimeOffset? After { get; init; }

    /// <summary>Buried before this time.</summary>
    public DateTimeOffset? Before { get; init; }

    /// <summary>Whether it takes all.</summary>
    public bool IsEmpty => this == new DeadLetterFilter();

    public bool Takes(DeadLetter letter)
    {
        ArgumentNullException.ThrowIfNull(letter);
        return (Type is null || letter.Job.Type == Type)
            && (Reason is null || letter.Reason == Reason)
            && (Tag is null || letter.Job.Traits?.Tags.Contains(Tag, StringComparer.Ordinal) == true)
            && (Error is null || letter.Error.Contains(Error, StringComparison.OrdinalIgnoreCase))
            && !(letter.BuriedAt < After)
            && !(letter.BuriedAt >= Before);
    }
}
