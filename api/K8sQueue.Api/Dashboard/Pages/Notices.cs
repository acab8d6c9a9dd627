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
        ["cancelled"] = "The job is cancelled.",
        ["cancel-requested"] = "The job is told to stop; it ends when its worker has stopped it.",
        ["not-cancelled"] = "The job could not be cancelled: there is none of this id, or it has ended.",
        ["redriven"] = "Put back into the queue: {0}.",
        ["redriven-duplicates"] = "Put back into the queue: {0}. Others stay, since another job has their deduplication key.",
        ["not-redriven"] = "The dead letter stays: another job has its deduplication key.",
        ["gone"] = "The dead letter is not there any more.",
        ["deleted"] = "Deleted for good: {0}.",
        ["schedule-paused"] = "The schedule is paused.",
        ["schedule-resumed"] = "The schedule goes on with its next time.",
        ["schedule-deleted"] = "The schedule is deleted. Jobs that it has made stay.",
        ["schedule-skipped"] = "Nothing was enqueued: the schedule skips overlaps, and its last job is not done.",
    };

    /// <summary>The address of a page, with what it is to say.</summary>
    public static string On(string path, string notice, int? count = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}notice={notice}{(count is { } number ? $"&count={number}" : "")}");

    /// <summary>Null where there is nothing to say.</summary>
    public static string? Read(IQueryCollection query) =>
        Texts.TryGetValue(query["notice"].ToString(), out var text)
            ? string.Format(CultureInfo.InvariantCulture, text, int.TryParse(query["count"], CultureInfo.InvariantCulture, out var count) ? count : 0)
            : null;
}
