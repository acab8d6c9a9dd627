namespace K8sQueue.Operator.Drains;

/// <summary>What scale-ins need besides the API server.</summary>
public sealed record DrainServices(IWorkerManagement Workers, DrainMetrics Metrics, KilledPods Killed);
