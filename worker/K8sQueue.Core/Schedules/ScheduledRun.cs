namespace K8sQueue.Core.Schedules;

/// <summary>Which start of which schedule a job is.</summary>
/// <param name="Schedule">The schedule's name.</param>
/// <param name="At">The time that it was due, which may be before its enqueue; of one that was triggered by hand, when that was.</param>
public sealed record ScheduledRun(string Schedule, DateTimeOffset At);
