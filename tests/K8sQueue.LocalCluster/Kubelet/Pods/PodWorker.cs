using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Containers;
using K8sQueue.LocalCluster.Kubelet.Environments;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Pods;

/// <summary>Runs one pod from its binding to its removal, and keeps its status.</summary>
internal sealed class PodWorker : IDisposable
{
    private const int DefaultGraceSeconds = 30;

    /// <summary>What is left to a pod that was removed from the API while it ran.</summary>
    private static readonly TimeSpan ForcedGrace = TimeSpan.FromSeconds(1);

    private readonly IClusterApi _api;
    private readonly PodContext _context;
    private readonly List<ContainerRunner> _inits;
    private readonly List<ContainerRunner> _containers;
    private readonly DateTimeOffset _startTime;
    private volatile bool _silent;
    private bool _ended;

    public PodWorker(IClusterApi api, JsonObject pod, Func<Action, PodContext> context)
    {
        _api = api;
        _context = context(Publish);
        _startTime = _context.Time.GetUtcNow();
        _inits = [.. pod.ObjectsAt("spec", "initContainers").Select(c => new ContainerRunner(_context, c, init: true, Restarts(pod, "initContainerStatuses", c)))];
        _containers = [.. pod.ObjectsAt("spec", "containers").Select(c => new ContainerRunner(_context, c, init: false, Restarts(pod, "containerStatuses", c)))];
    }

    public string Address => _context.Address;

    /// <summary>Takes the pod as it is now: its end may be asked for, or be wanted sooner.</summary>
    public void Update(JsonObject pod)
    {
        if (pod.IsDeleting())
            _context.Termination.Request(TimeSpan.FromSeconds(pod.NumberAt("metadata", "deletionGracePeriodSeconds") ?? DefaultGraceSeconds));
    }

    /// <summary>The pod is no longer in the API: nothing more is reported.</summary>
    public void Removed()
    {
        _silent = true;
        _context.Termination.Request(ForcedGrace);
    }

    /// <summary>LocalCluster ends: its processes go at once, and what the API says of the pod stays.</summary>
    public void Kill()
    {
        _silent = true;
        _context.Termination.Request(TimeSpan.Zero);
    }

    /// <summary>Completes when nothing of the pod runs, and it is removed from the API if it was to be.</summary>
    public async Task RunAsync()
    {
        lock (_context.Lock)
            Publish();
        try
        {
            if (await PrepareAsync().ConfigureAwait(false))
                await RunContainersAsync().ConfigureAwait(false);
        }
        finally
        {
            lock (_context.Lock)
            {
                _ended = true;
                if (IsStopping)
                {
                    foreach (var container in _inits.Concat(_containers))
                        container.EndUnstarted();
                }

                Publish();
            }

            _context.Volumes.Delete();
            await _context.Termination.Started.ConfigureAwait(false);
            if (!_silent)
                _api.Delete(GroupResource.Pods, _context.Pod.Namespace(), _context.Pod.Name(), _context.Pod.Uid(), gracePeriodSeconds: 0);
        }
    }

    public void Dispose() => _context.Termination.Dispose();

    private bool IsStopping => _context.Termination.Requested.IsCancellationRequested;

    /// <summary>Waits until the volumes can be made; false where the pod's end comes first.</summary>
    private async Task<bool> PrepareAsync()
    {
        while (!IsStopping)
        {
            try
            {
                Directory.CreateDirectory(_context.Directory);
                _context.Volumes.Materialise(_context.Pod, _context.Address, _context.Source);
                return true;
            }
            catch (Exception e) when (e is ContainerConfigException or IOException)
            {
                _context.Tell(EventRecorder.Warning, "FailedMount", e.Message);
                await _context.DelayAsync(_context.Options.ConfigurationRetry).ConfigureAwait(false);
            }
        }

        return false;
    }

    /// <summary>Init containers one after the other, sidecars started on the way; then the containers, all together.</summary>
    private async Task RunContainersAsync()
    {
        var sidecars = new List<Task>();
        foreach (var init in _inits)
        {
            if (IsStopping)
                break;
            if (init.IsSidecar)
            {
                sidecars.Add(init.RunAsync());
                while (!init.Snapshot.Started && !IsStopping)
                    await _context.DelayAsync(TimeSpan.FromMilliseconds(20)).ConfigureAwait(false);
            }
            else
            {
                await init.RunAsync().ConfigureAwait(false);
                if (!init.Succeeded)
                    return;
            }
        }

        if (!IsStopping)
            await Task.WhenAll(_containers.Select(c => c.RunAsync())).ConfigureAwait(false);
        if (sidecars.Count > 0 && !IsStopping)
            _context.Termination.Request(_context.GracePeriod);
        await Task.WhenAll(sidecars).ConfigureAwait(false);
    }

    private void Publish()
    {
        if (_silent)
            return;
        var view = new PodView(
            RestartPolicy.OfPod(_context.Pod),
            _context.Address,
            _startTime,
            [.. _inits.Select(i => (i.Snapshot, i.IsSidecar))],
            [.. _containers.Select(c => c.Snapshot)],
            _ended);
        _api.Modify(
            GroupResource.Pods, _context.Pod.Namespace(), _context.Pod.Name(),
            p => p.Uid() == _context.Pod.Uid() && PodStatus.Apply(p.Need("status"), view, _context.Time.GetUtcNow()),
            "status");
    }

    /// <summary>A pod that ran before LocalCluster was started again: each of its containers is restarted once.</summary>
    private static int Restarts(JsonObject pod, string list, JsonObject container) =>
        pod.ObjectsAt("status", list).FirstOrDefault(s => s.TextAt("name") == container.TextAt("name")) is { } status && status.TextAt("containerID") is not null
            ? (status.IntegerAt("restartCount") ?? 0) + 1
            : 0;
}
