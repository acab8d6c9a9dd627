namespace K8sQueue.Benchmarks.Queues;

/// <summary>
/// One system in the comparison. Redis is empty before each of <see cref="EnqueueAsync"/> and <see cref="MeasureLatencyAsync"/>;
/// <see cref="ProcessAsync"/> finds what EnqueueAsync left.
/// </summary>
internal interface IQueueContender : IAsyncDisposable
{
    /// <summary>The row's name in the table.</summary>
    string Name { get; }

    /// <summary>The settings that TuneAsync chose, in words.</summary>
    string Settings { get; }

    /// <summary>Picks the fastest settings by trying each once, which also warms up.</summary>
    Task TuneAsync(Sweep sweep, CancellationToken cancellationToken);

    /// <summary>Adds jobs as fast as the system can, and says how long it took.</summary>
    Task<TimeSpan> EnqueueAsync(int jobs, CancellationToken cancellationToken);

    /// <summary>Works off a backlog of this many no-op jobs.</summary>
    Task<ProcessedJobs> ProcessAsync(int jobs, CancellationToken cancellationToken);

    /// <summary>Adds jobs one by one to an idle queue with a waiting worker.</summary>
    Task<StartLatencies> MeasureLatencyAsync(int jobs, CancellationToken cancellationToken);
}

/// <param name="Completed">Jobs whose completion the broker confirmed.</param>
/// <param name="Left">Jobs that are anywhere in the broker afterwards.</param>
/// <param name="Elapsed">From the worker's start to the last completion.</param>
/// <param name="ClientCpu">Processor time that the worker's process used meanwhile.</param>
internal readonly record struct ProcessedJobs(long Completed, long Left, TimeSpan Elapsed, TimeSpan ClientCpu);

/// <param name="Milliseconds">From the call that adds the job to the start of the job, for each job.</param>
/// <param name="Left">Jobs that are anywhere in the broker afterwards.</param>
internal readonly record struct StartLatencies(double[] Milliseconds, long Left);
