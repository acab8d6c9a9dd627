using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Containers;
using K8sQueue.LocalCluster.Kubelet.Pods;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Hollow;

/// <summary>
/// A kubelet that runs nothing, as Kubernetes' own hollow nodes do (kubemark): a bound pod is ready at once, and one that is to go has ended
/// at once. For load tests of what watches pods.
/// </summary>
internal sealed partial class HollowKubelet(IClusterApi api, TimeProvider time, ILogger<HollowKubelet> logger) : BackgroundService
{
    private readonly PodAddresses _addresses = new("127.43", 0);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await foreach (var change in api.WatchAsync(GroupResource.Pods, stoppingToken).ConfigureAwait(false))
                Observe(change);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // LocalCluster ends.
        }
    }

    private void Observe(ClusterEvent change)
    {
        var pod = change.Object;
        if (pod.TextAt("spec", "nodeName") != LocalNode.Name)
            return;
        try
        {
            if (change.Type == "DELETED")
                Free(pod);
            else if (pod.IsDeleting())
                End(pod);
            else if (pod.TextAt("status", "podIP") is null)
                Start(pod);
        }
        catch (Exception e) when (e is ClusterApiException or InvalidOperationException)
        {
            Log.PodFailed(logger, pod.Key(), e);
        }
    }

    private void Start(JsonObject pod)
    {
        var now = time.GetUtcNow();
        var running = new ContainerState.Running(now);
        Report(pod, _addresses.Take(), now, ended: false, container => Snapshot(container, running) with { Started = true, Ready = true });
    }

    private void End(JsonObject pod)
    {
        var now = time.GetUtcNow();
        var ended = new ContainerState.Terminated(0, "Completed", null, now, now, "");
        Report(pod, pod.TextAt("status", "podIP") ?? "", now, ended: true, container => Snapshot(container, ended));
        api.Delete(GroupResource.Pods, pod.Namespace(), pod.Name(), pod.Uid(), gracePeriodSeconds: 0);
    }

    private void Free(JsonObject pod)
    {
        if (pod.TextAt("status", "podIP") is { Length: > 0 } address)
            _addresses.Free(address);
    }

    private void Report(JsonObject pod, string address, DateTimeOffset now, bool ended, Func<JsonObject, ContainerSnapshot> container)
    {
        var view = new PodView(
            RestartPolicy.OfPod(pod), address, now, [], [.. pod.ObjectsAt("spec", "containers").Select(container)], ended);
        api.Modify(
            GroupResource.Pods, pod.Namespace(), pod.Name(), p => p.Uid() == pod.Uid() && PodStatus.Apply(p.Need("status"), view, now), "status");
    }

    private static ContainerSnapshot Snapshot(JsonObject container, ContainerState state) =>
        new(container.TextAt("name") ?? "", container.TextAt("image") ?? "", state, ContainerId: "hollow");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The hollow pod {Key} can't be brought any further.")]
        public static partial void PodFailed(ILogger logger, ObjectKey key, Exception exception);
    }
}
