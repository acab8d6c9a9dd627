namespace K8sQueue.Core.Redis;

/// <summary>One look at a queue: what it has to do, or why that can't be told, which is no zero.</summary>
/// <param name="Backlog">Null where it can't be told.</param>
/// <param name="Error">
/// <see cref="Queues.JobQueueUnavailableException"/> where the server can't be reached or does not answer in time;
/// <see cref="Queues.JobQueueConfigurationException"/> where it refuses (the password may be wrong) or the queue is of another layout; another
/// one where it answers something else. Null where the queue was read.
/// </param>
public readonly record struct BacklogReading(QueueBacklog? Backlog, Exception? Error);
