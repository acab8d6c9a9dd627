using K8sQueue.Chaos.Histories.Rules;

namespace K8sQueue.Chaos.Histories;

/// <summary>Holds evidence against the rules. No I/O, no clock.</summary>
internal static class HistoryChecker
{
    private static readonly IHistoryRule[] Rules =
    [
        new NoJobLostRule(),
        new OneCompletionRule(),
        new OwnersOnlyRule(),
        new TokensDifferRule(),
        new StartsAddUpRule(),
        new EnqueuesAddUpRule(),
        new DeadLettersRule(),
        new AttemptsRule(),
        new SecondStartsRule(),
        new RecoveryRule(),
        new NothingLeftRule(),
    ];

    public static ChaosVerdict Check(ChaosEvidence evidence, ChaosExpectation expectation)
    {
        var context = new HistoryContext(evidence, expectation);
        return new ChaosVerdict(ChaosFigures.Of(context), [.. Rules.SelectMany(rule => rule.Check(context))]);
    }
}

/// <summary>What evidence amounts to.</summary>
/// <param name="Violations">What was promised and is not so; empty where all is well.</param>
internal sealed record ChaosVerdict(ChaosFigures Figures, IReadOnlyList<string> Violations);
