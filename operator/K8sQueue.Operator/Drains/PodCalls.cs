using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers.WorkerPools;

namespace K8sQueue.Operator.Drains;

/// <summary>Calls of the API server for many pods, some at a time. What became of them is taken in afterwards, one after another.</summary>
internal static class PodCalls
{
    private const int MostAtOnce = 16;

    /// <param name="pass">Where failures are reported.</param>
    /// <param name="pods">The pods.</param>
    /// <param name="failure">What it means if a call fails, before the pod's name: <c>The pod '{name}' {failure}</c>.</param>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends all. A stop ends what has not begun.</param>
    /// <returns>Those whose call succeeded, in the order given.</returns>
    public static async Task<IReadOnlyList<V1Pod>> RunAsync(
        PoolPass pass, IReadOnlyList<V1Pod> pods, string failure, Func<V1Pod, CancellationToken, Task> call, CancellationToken cancellationToken)
    {
        var isDone = new bool[pods.Count];
        var failures = new KubernetesApiException?[pods.Count];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(MostAtOnce, pods.Count)).Select(_ => CallSomeAsync())).ConfigureAwait(false);
        for (var i = 0; i < pods.Count; i++)
        {
            if (failures[i] is { } e)
                pass.ReportFailure($"The pod '{pods[i].Metadata.Name}' {failure}", e);
        }

        return [.. pods.Where((_, i) => isDone[i])];

        async Task CallSomeAsync()
        {
            while (Interlocked.Increment(ref next) is var turn && turn < pods.Count && !pass.Stopping.IsCancellationRequested)
            {
                try
                {
                    await call(pods[turn], cancellationToken).ConfigureAwait(false);
                    isDone[turn] = true;
                }
                catch (KubernetesApiException e)
                {
                    failures[turn] = e;
                }
            }
        }
    }
}
