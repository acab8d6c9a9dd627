namespace K8sQueue.Worker.Execution;

/// <summary>What keeps a worker from fetching for a time.</summary>
/// <param name="Until">When that ends by itself.</param>
/// <param name="HeldAt">Whoever resumes by what was seen before that version of the pod comes too late; null for nobody does.</param>
internal sealed record WorkerHold(DateTimeOffset Until, ulong? HeldAt);
