using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>The dead letters are those that were to be expected.</summary>
internal sealed class DeadLettersRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        var found = context.Evidence.DeadLetters.Values.CountBy(reason => reason).ToDictionary(StringComparer.Ordinal);
        var expected = context.Expectation.DeadLetters;
        foreach (var reason in found.Keys.Union(expected.Keys).Order(StringComparer.Ordinal))
        {
            if (reason == DeadLetterReasons.Poison && context.Expectation.MayPoison)
                continue;
            var (count, wanted) = (found.GetValueOrDefault(reason), expected.GetValueOrDefault(reason));
            if (count != wanted)
            {
                var ids = context.Evidence.DeadLetters.Where(letter => letter.Value == reason).Select(letter => letter.Key).ToList();
                yield return $"{count} dead letters are {reason}, not {wanted}: {HistoryContext.Name(ids)}";
            }
        }
    }
}
