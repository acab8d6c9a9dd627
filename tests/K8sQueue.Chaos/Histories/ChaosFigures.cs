using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Histories;

/// <summary>A row's numbers.</summary>
internal sealed record ChaosFigures
{
    /// <summary>Acknowledged jobs.</summary>
    public required int Enqueued { get; init; }

    /// <summary>Completions that the broker counted.</summary>
    public required long Done { get; init; }

    public required int DeadLetters { get; init; }

    /// <summary>Acknowledged jobs that were never done.</summary>
    public required int Lost { get; init; }

    /// <summary>Jobs whose completion the broker took more than once.</summary>
    public required int CompletedTwice { get; init; }

    /// <summary>Jobs whose handler began more than once: at-least-once is the promise.</summary>
    public required int RanTwice { get; init; }

    public required long Starts { get; init; }

    public required long Recovered { get; init; }

    public required long HandedBack { get; init; }

    public required long Retried { get; init; }

    /// <summary>Outcomes that the broker refused, because the job was somebody else's by then.</summary>
    public required int Refused { get; init; }

    /// <summary>From the acknowledgement to the completion, in seconds; not a number where none was seen.</summary>
    public required double DoneP99 { get; init; }

    /// <summary>From the loss of a process to the next start of a job that it had, in seconds; not a number where there was none.</summary>
    public required double RecoveryP99 { get; init; }

    /// <inheritdoc cref="RecoveryP99"/>
    public required double RecoveryMax { get; init; }

    public static ChaosFigures Of(HistoryContext context)
    {
        var totals = context.Evidence.Totals;
        var recoveries = context.Recoveries.Select(recovery => recovery.Seconds).ToList();
        var times = context.Jobs.Where(job => job.Acknowledged is not null && job.Completions.Any())
            .Select(job => Clock.Seconds(job.Completions.First().At - job.Acknowledged!.At));
        return new ChaosFigures
        {
            Enqueued = context.Evidence.Acknowledged.Count,
            Done = totals.Completed,
            DeadLetters = context.Evidence.DeadLetters.Count,
            Lost = context.Lost.Count,
            CompletedTwice = context.CompletedTwice.Count,
            RanTwice = context.Jobs.Count(job => job.Of(HistoryKind.Began).Skip(1).Any()),
            Starts = totals.Started,
            Recovered = totals.Recovered,
            HandedBack = totals.Released,
            Retried = totals.Retried,
            Refused = context.Evidence.History.Count(record => record.Kind == HistoryKind.Refused),
            DoneP99 = Percentile.Of(times, 99),
            RecoveryP99 = Percentile.Of(recoveries, 99),
            RecoveryMax = Percentile.Of(recoveries, 100),
        };
    }
}
