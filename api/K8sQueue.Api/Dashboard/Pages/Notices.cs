using System.Globalization;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>
/// What a page says that follows a form. The address has its name and a count, never its words: nobody can have the dashboard say something by a link.
/// </summary>
internal static class Notices
{
    private static readonly Dictionary<string, string> Texts = new(StringComparer.Ordinal)
    {
        ["paused"] = "The queue is paused: no worker starts its jobs.",
        ["resumed"] = "The queue is resumed.",
        ["limited"] = "The limits are set.",
        ["unlimited"] = "The limits are taken away.",
        ["enqueued"] = "The job is enqueued.",
        ["duplicate"] = "Another job has this deduplication key. This is that one; no other was enqueued.",
        ["jobs-cancelled"] = "Cancelled, or told to stop where they run: {0}.",
        ["all-Cancel"] = "Cancelled, or told to stop where they run: {0}. Skipped, since they had ended by then: {1}.",
        ["all-Retry"] = "Put back into the queue: {0}. Skipped, since another job has their deduplication key, or their payload is not kept: {1}.",
        ["all-Delete"] = "Deleted for good: {0}. Skipped, since they were gone or run again: {1}.",
        ["cancelled"] = "The job is cancelled.",
        ["cancel-requested"] = "The job is told to stop; it ends when its worker has stopped it.",
        ["not-cancelled"] = "The job could not be cancelled: there is none of this id, or it has ended.",
        ["redriven"] = "Put back into the queue: {0}.",
        ["redriven-duplicates"] = "Put back into the queue: {0}. Others stay, since another job has their deduplication key.",
        ["not-redriven"] = "The dead letter stays: another job has its deduplication key.",
        ["gone"] = "The dead letter is not there any more.",
        ["deleted"] = "Deleted for good: {0}.",
        ["schedule-saved"] = "The schedule is saved.",
        ["schedule-paused"] = "The schedule is paused.",
        ["schedule-resumed"] = "The schedule goes on with its next time.",
        ["schedule-deleted"] = "The schedule is deleted. Jobs that it has made stay.",
        ["schedule-skipped"] = "Nothing was enqueued: the schedule skips overlaps, and its last job is not done.",
    };

    /// <summary>The address of a page, with what it is to say.</summary>
    public static string On(string path, string notice, int? count = null, int? skipped = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}notice={notice}{Part(nameof(count), count)}{Part(nameof(skipped), skipped)}");

    /// <summary>Null where there is nothing to say.</summary>
    public static string? Read(IQueryCollection query) => Texts.TryGetValue(query["notice"].ToString(), out var text)
        ? string.Format(CultureInfo.InvariantCulture, text, Number(query, "count"), Number(query, "skipped"))
        : null;

    private static string Part(string name, int? value) => value is { } number ? string.Create(CultureInfo.InvariantCulture, $"&{name}={number}") : "";

    private static int Number(IQueryCollection query, string name) => int.TryParse(query[name], CultureInfo.InvariantCulture, out var value) ? value : 0;
}
