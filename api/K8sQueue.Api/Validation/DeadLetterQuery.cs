using K8sQueue.Api.Problems;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Validation;

/// <summary>Which dead letters a request means, by its query.</summary>
internal sealed class DeadLetterQuery
{
    /// <summary>The parameters' names, for messages.</summary>
    public const string Names = "type, reason, tag, error, after, before";

    private static readonly string[] Reasons =
    [
        DeadLetterReasons.AttemptsExhausted, DeadLetterReasons.Unrecoverable, DeadLetterReasons.UnknownType, DeadLetterReasons.Poison,
        DeadLetterReasons.Corrupt,
    ];

    /// <summary>The job's type.</summary>
    public string? Type { get; init; }

    /// <summary>Why the job was buried.</summary>
    public string? Reason { get; init; }

    /// <summary>One of its tags.</summary>
    public string? Tag { get; init; }

    /// <summary>Words of its error.</summary>
    public string? Error { get; init; }

    /// <summary>RFC 3339: buried then or later.</summary>
    public string? After { get; init; }

    /// <summary>RFC 3339: buried earlier.</summary>
    public string? Before { get; init; }

    /// <exception cref="ProblemException">A parameter is not what it should be.</exception>
    public DeadLetterFilter ToFilter() => new()
    {
        Type = RequireText("type", Type),
        Reason = Reason is null || Reasons.Contains(Reason, StringComparer.Ordinal)
            ? Reason
            : throw Invalid("reason", $"'reason' must be one of {string.Join(", ", Reasons)}."),
        Tag = RequireText("tag", Tag),
        Error = RequireText("error", Error),
        After = Parameters.RequireTime("after", After),
        Before = Parameters.RequireTime("before", Before),
    };

    // An empty one is what is left of a variable that was not set: every error would hold it.
    private static string? RequireText(string name, string? text) => text is null || !string.IsNullOrWhiteSpace(text)
        ? text
        : throw Invalid(name, $"'{name}' must not be empty: leave it out for any.");

    private static ProblemException Invalid(string name, string detail) =>
        new(new Problem(ProblemTypes.InvalidParameter, detail) { Field = name });
}
