namespace K8sQueue.Worker.Management;

/// <summary>How busy the worker is.</summary>
/// <param name="InFlight">Jobs that have a slot: running, or ended and not recorded yet.</param>
/// <param name="Concurrency">Slots.</param>
/// <param name="Quiesced">Whether no more jobs are fetched.</param>
/// <param name="QuiescedUntil">When fetching resumes by itself; null where it is not quiesced, or for good.</param>
/// <param name="StartedAt">When the process started to work.</param>
/// <param name="Draining">Whether the worker is about to end.</param>
internal sealed record InFlightDocument(
    int InFlight, int Concurrency, bool Quiesced, DateTimeOffset? QuiescedUntil, DateTimeOffset StartedAt, bool Draining);

/// <summary>A problem by RFC 9457.</summary>
internal sealed record ProblemDocument(string Type, string Title, int Status, string Detail);
