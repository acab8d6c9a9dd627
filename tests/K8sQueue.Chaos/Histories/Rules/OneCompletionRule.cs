namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>The broker takes one completion of a job, and none of a dead letter; one that it may have forgotten does not count.</summary>
internal sealed class OneCompletionRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        var twice = context.Jobs
            .Where(job => job.Completions.Count(completion => !context.IsForgotten(completion.At)) > (job.DeadLetter is null ? 1 : 0))
            .Select(job => job.Id).ToList();
        if (twice.Count > 0)
            yield return $"{twice.Count} jobs were completed more than once, or are dead letters, too: {HistoryContext.Name(twice)}";
    }
}
