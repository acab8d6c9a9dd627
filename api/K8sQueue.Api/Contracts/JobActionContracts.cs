using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Contracts;

/// <summary>What became of the jobs that fit a query.</summary>
internal sealed record JobActionDocument
{
    /// <summary>How many of this request's were found to fit.</summary>
    public required int Matched { get; init; }

    /// <summary>Cancelled, put back, or deleted. This and the others are missing of a dry run.</summary>
    public int? Done { get; init; }

    /// <summary>Told to stop where they run, or to end when their turn comes: of a cancel.</summary>
    public int? Requested { get; init; }

    /// <summary>Left as they are: they have moved on meanwhile, or can't run again.</summary>
    public int? Skipped { get; init; }

    /// <summary>Give it as <c>after</c> for those that follow; missing where there are none.</summary>
    public string? Next { get; init; }

    public static JobActionDocument From(JobSelection jobs) => new() { Matched = jobs.Ids.Count, Next = jobs.Next };

    public static JobActionDocument From(JobSelection jobs, JobAction action, JobActionResult result) => From(jobs) with
    {
        Done = result.Done,
        Requested = action == JobAction.Cancel ? result.Requested : null,
        Skipped = result.Skipped,
    };
}
