namespace K8sQueue.Core.Jobs;

/// <summary>How far a tracked job is, as its handler said last.</summary>
/// <param name="Share">From 0 to 1.</param>
/// <param name="Note">What the handler said beside it; null for nothing.</param>
/// <param name="ReportedAt">When the broker heard of it, by its clock.</param>
public sealed record JobProgress(double Share, string? Note, DateTimeOffset ReportedAt);
