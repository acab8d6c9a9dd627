namespace K8sQueue.Core.Redis;

/// <summary>What a queue has to do.</summary>
/// <param name="Jobs">Jobs that wait, that run, and whose time has come; 0 while the queue is paused.</param>
/// <param name="OldestAge">Since when the oldest of them is there; null where there is none.</param>
/// <param name="IsPaused">Whether the queue is paused.</param>
public readonly record struct QueueBacklog(long Jobs, TimeSpan? OldestAge, bool IsPaused);
