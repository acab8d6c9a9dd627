namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>No two starts of a job have one fencing token; one that the broker may have forgotten does not count.</summary>
internal sealed class TokensDifferRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        var same = context.Jobs
            .Where(job => job.Fetches.Where(fetch => !context.IsForgotten(fetch.At)).GroupBy(fetch => fetch.Epoch).Any(g => g.Skip(1).Any()))
            .Select(job => job.Id).ToList();
        if (same.Count > 0)
            yield return $"{same.Count} jobs started twice with one fencing token: {HistoryContext.Name(same)}";
    }
}
