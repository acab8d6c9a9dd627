using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Containers;
using K8sQueue.LocalCluster.Kubelet.Environments;
using K8sQueue.LocalCluster.Kubelet.Pods;
using K8sQueue.LocalCluster.Kubelet.Probes;
using K8sQueue.LocalCluster.Kubelet.Processes;
using K8sQueue.LocalCluster.Kubelet.Volumes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet;

/// <summary>Runs the pods that are bound to the node as processes of this machine, and ends every one of them when LocalCluster ends.</summary>
internal sealed partial class KubeletService(
    IClusterApi api, KubeletOptions options, EventRecorder events, TimeProvider time, ILogger<KubeletService> logger) : BackgroundService
{
    private readonly string _instance = Guid.NewGuid().ToString("N");
    private readonly Dictionary<string, (PodWorker Worker, Task Run)> _pods = new(StringComparer.Ordinal);
    private readonly PodAddresses _addresses = new(options.PodNetwork, Random.Shared.Next(short.MaxValue));
    private readonly ProbeClient _probes = new(time);
    private readonly Lock _lock = new();

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        List<Task> runs;
        lock (_lock)
        {
            foreach (var (worker, _) in _pods.Values)
                worker.Kill();
            runs = [.. _pods.Values.Select(p => p.Run)];
        }

        ProcessMarkers.KillAll(ProcessMarkers.Instance, _instance);
        await Task.WhenAll(runs).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public override void Dispose()
    {
        _probes.Dispose();
        base.Dispose();
        GC.SuppressFinalize(this);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var watchdog = new Watchdog(_instance);
        try
        {
            await foreach (var change in api.WatchAsync(GroupResource.Pods, stoppingToken).ConfigureAwait(false))
                Observe(change);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // LocalCluster ends; StopAsync ends the pods.
        }
    }

    private void Observe(ClusterEvent change)
    {
        var pod = change.Object;
        if (pod.TextAt("spec", "nodeName") != LocalNode.Name)
            return;
        lock (_lock)
        {
            var known = _pods.TryGetValue(pod.Uid(), out var running);
            if (change.Type == "DELETED")
            {
                running.Worker?.Removed();
                return;
            }

            if (!known)
            {
                if (pod.TextAt("status", "phase") is PodPhase.Succeeded or PodPhase.Failed && !pod.IsDeleting())
                    return;
                var worker = new PodWorker(api, pod, publish => Context(pod, publish));
                worker.Update(pod);
                _pods[pod.Uid()] = (worker, Task.Run(() => RunAsync(pod, worker)));
                return;
            }

            running.Worker.Update(pod);
        }
    }

    private async Task RunAsync(JsonObject pod, PodWorker worker)
    {
        try
        {
            await worker.RunAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.PodFailed(logger, pod.Key(), e);
        }

        lock (_lock)
        {
            _pods.Remove(pod.Uid());
            worker.Dispose();
            if (!pod.FlagAt("spec", "hostNetwork"))
                _addresses.Free(worker.Address);
        }
    }

    private PodContext Context(JsonObject pod, Action publish)
    {
        var directory = Path.GetFullPath(Path.Combine(options.DataDirectory, "pods", $"{pod.Namespace()}_{pod.Name()}_{pod.Uid()}"));
        return new PodContext
        {
            Pod = pod,
            Address = pod.FlagAt("spec", "hostNetwork") ? "127.0.0.1" : _addresses.Take(),
            Directory = directory,
            Instance = _instance,
            Options = options,
            Source = new ConfigurationSource(api, pod.Namespace() ?? "default"),
            Volumes = new PodVolumes(Path.Combine(directory, "volumes")),
            Probes = _probes,
            Events = events,
            Time = time,
            Termination = new Termination(time),
            Publish = publish,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The pod {Key} cannot be run any further.")]
        public static partial void PodFailed(ILogger logger, ObjectKey key, Exception exception);
    }
}
