using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Histories;

/// <summary>A job whose enqueue the broker acknowledged.</summary>
/// <param name="At">When the answer came, in nanoseconds of the machine's monotonic clock.</param>
internal sealed record AcknowledgedJob(string Id, long Key, long At);

/// <summary>A process that was killed, stopped, or cut off: from then on nobody heard of it.</summary>
internal sealed record ProcessLoss(string Process, long At);

/// <summary>A span of time of which the broker may have forgotten everything, such as the last second before a power cut.</summary>
internal sealed record Amnesia(long From, long To)
{
    public bool Covers(long at) => at >= From && at <= To;
}

/// <summary>What the broker counted, over all queues of a scenario.</summary>
internal sealed record BrokerTotals
{
    public long Enqueued { get; init; }

    public long Started { get; init; }

    public long Completed { get; init; }

    public long Retried { get; init; }

    public long Recovered { get; init; }

    public long Released { get; init; }

    public long Buried { get; init; }

    public static BrokerTotals operator +(BrokerTotals a, BrokerTotals b) => new()
    {
        Enqueued = a.Enqueued + b.Enqueued,
        Started = a.Started + b.Started,
        Completed = a.Completed + b.Completed,
        Retried = a.Retried + b.Retried,
        Recovered = a.Recovered + b.Recovered,
        Released = a.Released + b.Released,
        Buried = a.Buried + b.Buried,
    };
}

/// <summary>A key that was there in the end.</summary>
/// <param name="Length">Entries of a stream, members of a set, fields of a hash.</param>
/// <param name="Pending">Entries of a stream that somebody owns.</param>
/// <param name="Consumers">Consumers of a stream's group.</param>
internal sealed record KeyState(string Name, long Length, long Pending = 0, long Consumers = 0, bool Expires = false);

/// <summary>All that is known of a scenario when it is over: what was asked for, what every process wrote down, what the broker has.</summary>
internal sealed record ChaosEvidence
{
    public required IReadOnlyList<AcknowledgedJob> Acknowledged { get; init; }

    /// <summary>Keys of jobs in enqueue calls whose answer was lost: the broker may have them.</summary>
    public IReadOnlySet<long> UnknownKeys { get; init; } = new HashSet<long>();

    /// <summary>Keys of jobs that the broker refused: it must not have them.</summary>
    public IReadOnlySet<long> RefusedKeys { get; init; } = new HashSet<long>();

    public required IReadOnlyList<HistoryRecord> History { get; init; }

    /// <summary>The reasons of dead letters by their ids.</summary>
    public IReadOnlyDictionary<string, string> DeadLetters { get; init; } = new Dictionary<string, string>();

    /// <summary>The states of tracked jobs by their ids.</summary>
    public IReadOnlyDictionary<string, JobState> Tracked { get; init; } = new Dictionary<string, JobState>();

    public required BrokerTotals Totals { get; init; }

    public IReadOnlyList<KeyState> Keys { get; init; } = [];

    public IReadOnlyList<ProcessLoss> Losses { get; init; } = [];

    public IReadOnlyList<Amnesia> Forgotten { get; init; } = [];
}
