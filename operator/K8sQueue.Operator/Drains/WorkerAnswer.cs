namespace K8sQueue.Operator.Drains;

/// <summary>What a worker said of itself, or that it said nothing.</summary>
public abstract record WorkerAnswer
{
    private WorkerAnswer()
    {
    }

    /// <param name="InFlight">Jobs that have a slot.</param>
    /// <param name="Quiesced">It fetches no more, and no fetch is outstanding.</param>
    /// <param name="Draining">It is on its way out by itself (SIGTERM, recycling): what it says holds for this process only.</param>
    /// <param name="BlockedBy">What alone keeps it from jobs that wait; null for nothing.</param>
    public sealed record Report(int InFlight, bool Quiesced, bool Draining, string? BlockedBy = null) : WorkerAnswer;

    /// <param name="Why">In a few words, without secrets.</param>
    /// <param name="TookLong">It was waited for in vain.</param>
    /// <param name="NobodyListens">Its machine refused: nobody listens on the port.</param>
    public sealed record Silence(string Why, bool TookLong = false, bool NobodyListens = false) : WorkerAnswer;
}

/// <summary>The body of <c>/inflight</c>, <c>/quiesce</c> and <c>/resume</c>: docs/reference/worker.md. What is null was left out.</summary>
public sealed record InFlightDocument(int? InFlight, bool? Quiesced, bool? Draining, string? BlockedBy);
