using System.Collections.Concurrent;
using K8sQueue.LocalCluster.Autoscaling.Scalers;
using K8sQueue.LocalCluster.Controllers.Runtime;

namespace K8sQueue.LocalCluster.Autoscaling.ScaledObjects;

/// <summary>The metrics of every ScaledObject: what KEDA's metrics adapter serves to the HorizontalPodAutoscaler.</summary>
internal sealed class ScaledObjectRegistry
{
    private readonly ConcurrentDictionary<ObjectKey, ScaledObjectMetrics> _metrics = new();

    public void Put(ObjectKey key, ScaledObjectMetrics metrics) => _metrics[key] = metrics;

    public void Remove(ObjectKey key) => _metrics.TryRemove(key, out _);

    /// <exception cref="ScalerException">It cannot be told now.</exception>
    public Task<double> ReadAsync(ObjectKey key, string metric, CancellationToken cancellationToken) =>
        _metrics.TryGetValue(key, out var metrics)
            ? metrics.MetricAsync(metric, cancellationToken)
            : throw new ScalerException($"no scaler of the ScaledObject {key} serves {metric}");
}
