namespace K8sQueue.Core.Capacity;

/// <summary>What one worker's slots did for a queue between two of its reports.</summary>
public sealed record LoadSample
{
    /// <summary>Of a process that has no slots: it only looks how many jobs have arrived.</summary>
    public static readonly LoadSample None = new();

    /// <summary>How long the attempts ran that ended.</summary>
    public LoadHistogram Durations { get; init; } = new();

    /// <summary>From when a job could have been taken until its handler started.</summary>
    public LoadHistogram Waits { get; init; } = new();

    /// <summary>The slots' time that went into jobs of the queue.</summary>
    public TimeSpan Busy { get; init; }

    /// <summary>The slots' time that went into jobs of any queue that the worker reads, since its queues share them.</summary>
    public TimeSpan Occupied { get; init; }

    /// <summary>The slots' time that there was: the worker's concurrency by <see cref="Elapsed"/>.</summary>
    public TimeSpan Slots { get; init; }

    /// <summary>How long the worker sampled. Zero where there was no worker.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Both together.</summary>
    public LoadSample With(LoadSample other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new LoadSample
        {
            Durations = Both(Durations, other.Durations),
            Waits = Both(Waits, other.Waits),
            Busy = Busy + other.Busy,
            Occupied = Occupied + other.Occupied,
            Slots = Slots + other.Slots,
            Elapsed = Elapsed + other.Elapsed,
        };
    }

    private static LoadHistogram Both(LoadHistogram one, LoadHistogram other)
    {
        var both = new LoadHistogram();
        both.Add(one);
        both.Add(other);
        return both;
    }
}
