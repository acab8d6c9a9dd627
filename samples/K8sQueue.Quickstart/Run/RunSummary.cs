namespace K8sQueue.Quickstart.Run;

/// <summary>What was measured in a run, from witnesses that don't share code.</summary>
public sealed record RunFacts
{
    /// <summary>Jobs that the API acknowledged.</summary>
    public required int Enqueued { get; init; }

    /// <summary>Tracked jobs whose record says Completed.</summary>
    public required int RecordedCompleted { get; init; }

    /// <summary>Completed jobs whose result is what the work must give.</summary>
    public required int RightResults { get; init; }

    /// <summary>http jobs that were enqueued.</summary>
    public required int HttpJobs { get; init; }

    /// <summary>http jobs that the local endpoint saw.</summary>
    public required int HttpJobsSeen { get; init; }

    /// <summary>Calls that the local endpoint answered.</summary>
    public required int HttpCalls { get; init; }

    public required long Started { get; init; }

    public required long Completed { get; init; }

    public required long Retried { get; init; }

    public required long Recovered { get; init; }

    public required long Released { get; init; }

    public required long Buried { get; init; }

    /// <summary>Jobs that still wait, run or are delayed.</summary>
    public required long Remaining { get; init; }

    /// <summary>The most connections that pods of the pool had at Redis, by CLIENT LIST.</summary>
    public required int PeakConnections { get; init; }

    /// <summary>The budget: capacity less reserved.</summary>
    public required int Budget { get; init; }

    /// <summary>The most workers ready at once.</summary>
    public required int PeakReady { get; init; }

    /// <summary>Workers that the budget has room for, or the pool's maximum where that is less.</summary>
    public required int ExpectedPeak { get; init; }

    /// <summary>Workers at the end.</summary>
    public required int FinalReplicas { get; init; }
}

/// <param name="Claim">What must hold.</param>
/// <param name="Holds">Whether it does.</param>
/// <param name="Numbers">The figures behind it.</param>
public sealed record Check(string Claim, bool Holds, string Numbers);

/// <summary>Turns facts into checks. Pure.</summary>
public static class RunSummary
{
    public static IReadOnlyList<Check> Of(RunFacts f) =>
    [
        new("every job completed", f.Completed == f.Enqueued && f.RecordedCompleted == f.Enqueued,
            $"{f.Enqueued} enqueued, {f.Completed} completed, {f.RecordedCompleted} recorded as completed"),
        new("none lost, dead or left over", f.Buried == 0 && f.Remaining == 0, $"{f.Buried} dead, {f.Remaining} remaining"),
        new("every result is right", f.RightResults == f.Enqueued, $"{f.RightResults} of {f.Enqueued}"),
        new("the endpoint saw every http job", f.HttpJobsSeen == f.HttpJobs, $"{f.HttpJobsSeen} of {f.HttpJobs}, {f.HttpCalls} calls"),
        new("starts = jobs + recovered + handed back + retried",
            f.Started == f.Enqueued + f.Recovered + f.Released + f.Retried,
            $"{f.Started} = {f.Enqueued} + {f.Recovered} + {f.Released} + {f.Retried}"),
        new("peak connections within the budget", f.PeakConnections > 0 && f.PeakConnections <= f.Budget,
            $"{f.PeakConnections} of {f.Budget}"),
        new("the pool grew to what the budget allows", f.PeakReady == f.ExpectedPeak, $"{f.PeakReady} of {f.ExpectedPeak} workers"),
        new("the pool went back to zero", f.FinalReplicas == 0, $"{f.FinalReplicas} workers"),
    ];
}
