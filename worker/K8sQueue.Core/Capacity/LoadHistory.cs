namespace K8sQueue.Core.Capacity;

/// <summary>A queue's load of the last hour, as far as it was reported.</summary>
public sealed record LoadHistory
{
    /// <summary>How many minutes are kept.</summary>
    public const int Minutes = 60;

    /// <summary>When it was read, by the broker's clock.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Since when arrivals are counted without a gap; null where nobody looks at them.</summary>
    public DateTimeOffset? ObservedSince { get; init; }

    /// <summary>The minutes in which there was something, oldest first.</summary>
    public required IReadOnlyList<LoadMinute> Entries { get; init; }
}

/// <summary>A minute of a queue, by the broker's clock.</summary>
public sealed record LoadMinute
{
    /// <summary>When it began.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Jobs that were enqueued in it.</summary>
    public long Arrivals { get; init; }

    /// <summary>What workers reported in it.</summary>
    public LoadSample Load { get; init; } = LoadSample.None;

    /// <summary>From when on its first report told; null where there was none.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>When its last report came; null where there was none.</summary>
    public DateTimeOffset? Until { get; init; }
}
