using System.Globalization;

namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>The jobs of a lost process start again in time.</summary>
internal sealed class RecoveryRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        if (context.Expectation.RecoveredWithin is not { } limit)
            yield break;
        var late = context.Recoveries
            .Where(recovery => recovery.Seconds > limit.TotalSeconds && (recovery.Losses < 2 || !context.Expectation.SuspectsWait))
            .Select(recovery => string.Create(CultureInfo.InvariantCulture, $"{recovery.Job} of {recovery.Process} after {recovery.Seconds:0.0} s"))
            .ToList();
        if (late.Count > 0)
            yield return $"{late.Count} jobs were recovered later than {limit.TotalSeconds:0} s: {HistoryContext.Name(late)}";
    }
}
