namespace K8sQueue.Benchmarks.Queues.Many;

/// <summary>What the benchmark of a worker with many queues does.</summary>
internal sealed record ManyQueuesOptions
{
    /// <summary>How many queues the worker reads.</summary>
    public required int Queues { get; init; }

    /// <summary>Its slots.</summary>
    public required int Concurrency { get; init; }

    /// <summary>Jobs of the backlog, spread evenly over the queues.</summary>
    public required int Jobs { get; init; }

    /// <summary>How long a handler takes.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>How long the idle worker's commands are counted.</summary>
    public required TimeSpan Idle { get; init; }

    /// <summary>Jobs that are enqueued one by one, each to a queue of its own, to an idle worker.</summary>
    public required int Latencies { get; init; }
}
