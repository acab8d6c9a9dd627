namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>Where no handler fails, no attempt is used up, whatever becomes of processes and the broker.</summary>
internal sealed class AttemptsRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        if (!context.Expectation.FirstAttemptsOnly)
            yield break;
        var used = context.Jobs.Where(job => job.Fetches.Any(fetch => fetch.Attempt > 1)).Select(job => job.Id).ToList();
        if (used.Count > 0)
            yield return $"{used.Count} jobs lost an attempt: {HistoryContext.Name(used)}";
    }
}
