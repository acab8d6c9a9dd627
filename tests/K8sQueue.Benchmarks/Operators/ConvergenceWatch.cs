using System.Diagnostics;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>Tells when every pool is as it should be, by a watch: polling lists of thousands would be a load of its own.</summary>
internal sealed class ConvergenceWatch(IKubernetesClient client, OperatorScenario scenario)
{
    private readonly HashSet<NamespacedName> _converged = [];

    public int Converged
    {
        get
        {
            lock (_converged)
                return _converged.Count;
        }
    }

    /// <summary>Returns the moment (a timestamp of <see cref="Stopwatch"/>) at which the last pool had converged.</summary>
    public async Task<long> RunAsync(CancellationToken cancellationToken)
    {
        var last = Stopwatch.GetTimestamp();
        while (true)
        {
            var list = await client.ListAsync<V1Alpha1WorkerPool>(null, null, cancellationToken);
            foreach (var pool in list.Items)
                Observe(pool);
            if (Converged == scenario.Pools)
                return last;
            try
            {
                var options = new WatchOptions { ResourceVersion = list.ResourceVersion };
                await foreach (var change in client.WatchAsync<V1Alpha1WorkerPool>(null, options, cancellationToken))
                {
                    if (change.Type == WatchEventType.Bookmark)
                        continue;
                    Observe(change.Object);
                    last = Stopwatch.GetTimestamp();
                    if (Converged == scenario.Pools)
                        return last;
                }
            }
            catch (KubernetesApiException e) when (e.IsExpired)
            {
                // Behind by more than the server keeps: from a list again.
            }
        }
    }

    private void Observe(V1Alpha1WorkerPool pool)
    {
        lock (_converged)
        {
            if (IsConverged(pool))
                _converged.Add(pool.Key());
            else
                _converged.Remove(pool.Key());
        }
    }

    private bool IsConverged(V1Alpha1WorkerPool pool) =>
        pool.Status is { } status
        && status.ObservedGeneration == pool.Metadata.Generation
        && status.ReadyReplicas == scenario.Replicas
        && status.Conditions.IsTrue(Conditions.Ready)
        && status.Conditions.IsTrue(Conditions.ScalingReady);
}
