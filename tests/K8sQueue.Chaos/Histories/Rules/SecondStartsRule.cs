using System.Globalization;

namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>Where nobody was lost, nothing is recovered; and where nobody had to stop either, no handler begins twice.</summary>
internal sealed class SecondStartsRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        var twice = context.Jobs.Where(job => job.Of(HistoryKind.Began).Skip(1).Any()).Select(job => job.Id).ToList();
        if (context.Expectation.NoSecondStart && twice.Count > 0)
            yield return $"{twice.Count} jobs started twice: {HistoryContext.Name(twice)}";
        if (context.Expectation.NoRecovery && context.Evidence.Totals.Recovered > 0)
            yield return string.Create(CultureInfo.InvariantCulture, $"{context.Evidence.Totals.Recovered} jobs were recovered, though no owner was lost");
    }
}
