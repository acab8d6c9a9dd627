using System.Globalization;

namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>
/// The broker has every acknowledged job, may have those of calls whose answer was lost, has none that it refused, and each ended once.
/// </summary>
internal sealed class EnqueuesAddUpRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        var evidence = context.Evidence;
        var totals = evidence.Totals;
        var forgotten = evidence.Acknowledged.Count(job => context.IsForgotten(job.At));
        if (totals.Enqueued < evidence.Acknowledged.Count - forgotten || totals.Enqueued > evidence.Acknowledged.Count + evidence.UnknownKeys.Count)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{totals.Enqueued} jobs were counted, {evidence.Acknowledged.Count} acknowledged, {evidence.UnknownKeys.Count} more may have been added");
        }

        // Unreadable entries are dead letters that were never enqueued.
        if (totals.Completed + totals.Buried - context.Expectation.Unreadable != totals.Enqueued)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{totals.Enqueued} jobs were counted, and {totals.Completed} completions and {totals.Buried} burials");
        }

        var strangers = context.Jobs.Where(job => job.Acknowledged is null)
            .SelectMany(job => job.Of(HistoryKind.Began))
            .Where(began => !evidence.UnknownKeys.Contains(long.Parse(began.Detail, CultureInfo.InvariantCulture)))
            .Select(began => $"{began.Job} ({(IsRefused(began) ? "refused" : "never enqueued")})").Distinct().ToList();
        if (strangers.Count > 0)
            yield return $"{strangers.Count} jobs ran that nobody enqueued: {HistoryContext.Name(strangers)}";

        bool IsRefused(HistoryRecord began) => evidence.RefusedKeys.Contains(long.Parse(began.Detail, CultureInfo.InvariantCulture));
    }
}
