namespace K8sQueue.Worker.Management;

/// <summary>How busy the worker is.</summary>
/// <param name="InFlight">Jobs that the worker holds: running, ended and not recorded yet, or waiting for their turn.</param>
/// <param name="Waiting">Those of them that wait for their turn.</param>
/// <param name="Concurrency">Jobs that may run at once.</param>
/// <param name="BlockedBy">
/// What alone keeps the worker from jobs that wait: <c>rate</c>, its own rate limit; <c>queue-rate</c> and <c>queue-concurrency</c>, a limit of the
/// queue, which keeps every worker from them. Else null.
/// </param>
/// <param name="Quiesced">Whether no more jobs are fetched.</param>
/// <param name="QuiescedUntil">When fetching resumes by itself; null where it is not quiesced, or for good.</param>
/// <param name="StartedAt">When the process started to work.</param>
/// <param name="Draining">Whether the worker is about to end.</param>
internal sealed record InFlightDocument(
    int InFlight, int Waiting, int Concurrency, string? BlockedBy, bool Quiesced, DateTimeOffset? QuiescedUntil, DateTimeOffset StartedAt, bool Draining);

/// <summary>A problem by RFC 9457.</summary>
internal sealed record ProblemDocument(string Type, string Title, int Status, string Detail);
