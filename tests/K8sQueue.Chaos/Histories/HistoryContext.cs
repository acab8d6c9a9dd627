namespace K8sQueue.Chaos.Histories;

/// <summary>The evidence by jobs, for rules.</summary>
internal sealed class HistoryContext
{
    private const int Shown = 5;

    public HistoryContext(ChaosEvidence evidence, ChaosExpectation expectation)
    {
        Evidence = evidence;
        Expectation = expectation;
        Jobs = JobHistory.All(evidence);
        Recoveries = [.. evidence.Losses.SelectMany(loss => RecoveryTimes.Of(loss, Jobs))];
    }

    public ChaosEvidence Evidence { get; }

    public ChaosExpectation Expectation { get; }

    public IReadOnlyCollection<JobHistory> Jobs { get; }

    /// <summary>From the loss of a process to the next start of each job that it had.</summary>
    public IReadOnlyList<RecoveryTime> Recoveries { get; }

    /// <summary>Acknowledged jobs that nobody ever did, and that are no dead letters.</summary>
    public IReadOnlyList<JobHistory> Lost =>
        [.. Jobs.Where(job => job.Acknowledged is not null && !job.HasEnded)];

    /// <summary>Jobs whose completion the broker took more than once.</summary>
    public IReadOnlyList<JobHistory> CompletedTwice => [.. Jobs.Where(job => job.Completions.Skip(1).Any())];

    public bool IsForgotten(long at) => Evidence.Forgotten.Any(amnesia => amnesia.Covers(at));

    /// <summary>The first few of what broke a rule.</summary>
    public static string Name(IReadOnlyCollection<string> items) =>
        string.Join(", ", items.Take(Shown)) + (items.Count > Shown ? $" and {items.Count - Shown} more" : "");
}
