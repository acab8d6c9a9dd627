using System.Globalization;
using K8sQueue.Chaos.Histories;

namespace K8sQueue.Chaos.Report;

/// <summary>The columns of the table, on a terminal and in the document.</summary>
internal static class ChaosColumns
{
    public static readonly IReadOnlyList<ChaosColumn> All =
    [
        new("enqueued", "jobs whose enqueue was acknowledged", f => Text(f.Enqueued)),
        new("done", "completions that the broker counted; also those of jobs in enqueue calls that nobody heard the answer of", f => Text(f.Done)),
        new("dead", "dead letters", f => Text(f.DeadLetters)),
        new("lost", "acknowledged jobs that were never done", f => Text(f.Lost)),
        new("duplicated", "jobs whose completion the broker took twice", f => Text(f.CompletedTwice)),
        new("starts", "deliveries to a worker: jobs + recovered + handed back + retried, or the row fails", f => Text(f.Starts)),
        new("recovered", "taken from an owner that was silent for a lease", f => Text(f.Recovered)),
        new("handed back", "given back unfinished by a worker that drains, without an attempt used", f => Text(f.HandedBack)),
        new("retried", "attempts that failed", f => Text(f.Retried)),
        new("ran twice", "jobs whose handler began more than once: a start is promised at least once", f => Text(f.RanTwice)),
        new("refused", "outcomes that the broker refused, because the job was somebody else's by then, or had ended with a call whose answer was lost", f => Text(f.Refused)),
        new("done p99", "from the acknowledgement to the completion, in seconds", f => Text(f.DoneP99)),
        new("recovery p99", "from the loss of a process to the next start of a job that it had, in seconds", f => Text(f.RecoveryP99)),
        new("recovery max", "the longest of those", f => Text(f.RecoveryMax)),
    ];

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(double seconds) => double.IsNaN(seconds) ? "" : seconds.ToString("0.00", CultureInfo.InvariantCulture);
}

/// <param name="Title">The head.</param>
/// <param name="Means">What is in it.</param>
/// <param name="Cell">The cell of a row.</param>
internal sealed record ChaosColumn(string Title, string Means, Func<ChaosFigures, string> Cell);
