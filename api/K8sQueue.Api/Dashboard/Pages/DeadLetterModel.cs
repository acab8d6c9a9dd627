using K8sQueue.Api.Validation;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Dead letters of a queue.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Total">How many there are in all.</param>
/// <param name="Search">Which are shown.</param>
/// <param name="Letters">Those, newest first.</param>
/// <param name="Offset">How many are before them.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record DeadLettersModel(
    string Queue, long Total, DeadLetterSearch Search, IReadOnlyList<DeadLetterRow> Letters, int Offset, int? Next)
{
    public static IReadOnlyList<string> Reasons { get; } =
    [
        DeadLetterReasons.AttemptsExhausted, DeadLetterReasons.Unrecoverable, DeadLetterReasons.UnknownType, DeadLetterReasons.Poison,
        DeadLetterReasons.Corrupt,
    ];
}

/// <summary>A dead letter in a list.</summary>
/// <param name="Id">The job.</param>
/// <param name="Type">Its type.</param>
/// <param name="Reason">Why it was buried.</param>
/// <param name="Error">The first line of its error.</param>
/// <param name="Attempt">Its last attempt.</param>
/// <param name="BuriedAt">When.</param>
public sealed record DeadLetterRow(JobId Id, string Type, string Reason, string Error, int Attempt, DateTimeOffset BuriedAt)
{
    private const int MaxErrorLength = 200;

    internal static DeadLetterRow From(DeadLetter letter)
    {
        var line = letter.Error.AsSpan();
        var end = line.IndexOfAny('\r', '\n');
        line = end >= 0 ? line[..end] : line;
        return new DeadLetterRow(
            letter.Job.Id,
            letter.Job.Type,
            letter.Reason,
            line.Length > MaxErrorLength ? $"{line[..MaxErrorLength]}…" : line.ToString(),
            letter.Job.Attempt,
            letter.BuriedAt);
    }
}

/// <summary>One dead letter.</summary>
/// <param name="Letter">It.</param>
/// <param name="Payload">Its payload.</param>
/// <param name="Edited">What is in the editor; null where its payload can't be edited here.</param>
/// <param name="Error">What was wrong with that.</param>
public sealed record DeadLetterModel(DeadLetter Letter, ShownPayload Payload, string? Edited, string? Error)
{
    public string? TraceId => TraceParents.TraceIdOf(Letter.Job.TraceParent);
}

/// <summary>What is to be done with many, before it is done.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Search">With which.</param>
/// <param name="Deletes">Whether they are deleted; else they are put back.</param>
/// <param name="Place">Where it goes on; empty for the beginning.</param>
/// <param name="Count">How many were found.</param>
/// <param name="IsAll">Whether there are no more to look at.</param>
public sealed record DeadLetterPlan(string Queue, DeadLetterSearch Search, bool Deletes, string Place, int Count, bool IsAll);
