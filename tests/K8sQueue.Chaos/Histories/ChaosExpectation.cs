namespace K8sQueue.Chaos.Histories;

/// <summary>What a scenario promises beyond what all of them do.</summary>
internal sealed record ChaosExpectation
{
    /// <summary>How many dead letters there are of each reason.</summary>
    public IReadOnlyDictionary<string, int> DeadLetters { get; init; } = new Dictionary<string, int>();

    /// <summary>
    /// Whether jobs that happened to be in three lost processes may be dead letters (<c>Poison</c>): where processes are killed at
    /// random, that is what the queue is to do with them.
    /// </summary>
    public bool MayPoison { get; init; }

    /// <summary>Whether no attempt may be used up: every start is a first attempt.</summary>
    public bool FirstAttemptsOnly { get; init; } = true;

    /// <summary>Whether no handler may begin twice for one job.</summary>
    public bool NoSecondStart { get; init; }

    /// <summary>Whether the broker recovers nothing.</summary>
    public bool NoRecovery { get; init; }

    /// <summary>How long it takes at most from the loss of a process to the next start of each job that it had.</summary>
    public TimeSpan? RecoveredWithin { get; init; }

    /// <summary>Whether that is said of first losses alone: where processes are lost again and again, jobs that two of them had are tried one at a time.</summary>
    public bool SuspectsWait { get; init; }

    /// <summary>Unreadable entries that were put into the lanes by hand: a delivery of one counts as a start, and it is no job.</summary>
    public int UnreadableEntries { get; init; }

    /// <summary>Unreadable dead letters in all.</summary>
    public int Unreadable => DeadLetters.GetValueOrDefault(Core.Jobs.DeadLetterReasons.Corrupt);
}
