using System.Globalization;

namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>Starts = jobs + recovered + handed back + retried, by the broker's totals; and no process saw more starts than were counted.</summary>
internal sealed class StartsAddUpRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        var totals = context.Evidence.Totals;
        var unreadable = context.Expectation.UnreadableEntries;
        var expected = totals.Enqueued + totals.Recovered + totals.Released + totals.Retried;
        if (totals.Started < expected || totals.Started > expected + unreadable)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"starts are not jobs + recovered + handed back + retried: {totals.Started} != {totals.Enqueued} + {totals.Recovered} + {totals.Released} + {totals.Retried}");
        }

        var seen = context.Jobs.Sum(job => job.Fetches.Count(fetch => !context.IsForgotten(fetch.At)));
        if (seen > totals.Started)
            yield return string.Create(CultureInfo.InvariantCulture, $"{seen} starts were seen, and {totals.Started} counted");
    }
}
