using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Environments;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Containers;

/// <summary>Runs one container: starts it, restarts it after delays, and stops it within the grace period.</summary>
internal sealed class ContainerRunner(PodContext pod, JsonObject container, bool init, int restarts)
{
    private const int LostExitCode = 137;

    private readonly CrashBackOff _backOff = new(pod.Options.BackOffScale);
    private readonly string _policy = RestartPolicy.OfContainer(pod.Pod, container, init);
    private ContainerSnapshot _snapshot = new(
        container.TextAt("name") ?? "", container.TextAt("image") ?? "", new ContainerState.Waiting(init ? "PodInitializing" : "ContainerCreating"), RestartCount: restarts);

    public string Name => _snapshot.Name;

    public bool IsSidecar => init && RestartPolicy.IsSidecar(container);

    public ContainerSnapshot Snapshot => Volatile.Read(ref _snapshot);

    /// <summary>Whether it ended with success, for good.</summary>
    public bool Succeeded => Snapshot.State is ContainerState.Terminated { ExitCode: 0 };

    /// <summary>Runs until the policy says that it is done, or the pod ends.</summary>
    public async Task RunAsync()
    {
        var starts = 0;
        while (!pod.Termination.Requested.IsCancellationRequested)
        {
            if (await StartAsync().ConfigureAwait(false) is not { } run)
                continue;
            if (starts++ > 0)
                Change(s => s with { RestartCount = s.RestartCount + 1 }, publish: false);
            var ended = await run.RunAsync().ConfigureAwait(false);
            Change(s => s with { State = ended, Started = false, Ready = false });
            if (pod.Termination.Requested.IsCancellationRequested || !RestartPolicy.Restarts(_policy, ended.ExitCode))
                return;
            await BackOffAsync(ended).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// A container that waits when its pod was ended is reported terminated like the others: as it last ended, or as one that was never found.
    /// </summary>
    public void EndUnstarted()
    {
        if (Snapshot.State is not ContainerState.Waiting)
            return;
        var now = pod.Time.GetUtcNow();
        var end = Snapshot.Last ?? new ContainerState.Terminated(
            LostExitCode, "ContainerStatusUnknown", "The container could not be located when the pod was terminated", now, now, "");
        Change(s => s with { State = end }, publish: false);
    }

    /// <summary>One start; null where it cannot be made now, after a delay.</summary>
    private async Task<ContainerRun?> StartAsync()
    {
        string reason;
        string message;
        try
        {
            var start = new ContainerStart(pod.Pod, container, pod.Address, pod.Directory, pod.Options.Images, pod.Source, pod.Volumes);
            if (start.Prepare() is { } spec)
                return new ContainerRun(pod, container, spec, Change);
            (reason, message) = MissingImage(Snapshot.State);
        }
        catch (ContainerConfigException e)
        {
            (reason, message) = ("CreateContainerConfigError", e.Message);
        }

        Change(s => s with { State = new ContainerState.Waiting(reason, message) });
        pod.Tell(EventRecorder.Warning, reason == "ImagePullBackOff" ? "BackOff" : "Failed", $"Error: {message}", container);
        await pod.DelayAsync(pod.Options.ConfigurationRetry).ConfigureAwait(false);
        return null;
    }

    private (string Reason, string Message) MissingImage(ContainerState before)
    {
        var image = container.TextAt("image");
        if (container.TextAt("imagePullPolicy") == "Never")
            return ("ErrImageNeverPull", $"Container image \"{image}\" is not present with pull policy of Never");
        return before is ContainerState.Waiting { Reason: "ErrImagePull" or "ImagePullBackOff" }
            ? ("ImagePullBackOff", $"Back-off pulling image \"{image}\": LocalCluster has no command for it (option --image)")
            : ("ErrImagePull", $"failed to pull image \"{image}\": LocalCluster has no command for it (option --image)");
    }

    private async Task BackOffAsync(ContainerState.Terminated ended)
    {
        var delay = _backOff.Next(ended.FinishedAt - ended.StartedAt);
        if (delay == TimeSpan.Zero)
        {
            Change(s => s with { Last = ended }, publish: false);
            return;
        }

        var unscaled = delay / pod.Options.BackOffScale;
        var message = $"back-off {CrashBackOff.Describe(unscaled)} restarting failed container={Name} pod={pod.Pod.Name()}_{pod.Pod.Namespace()}({pod.Pod.Uid()})";
        Change(s => s with { State = new ContainerState.Waiting("CrashLoopBackOff", message), Last = ended });
        pod.Tell(EventRecorder.Warning, "BackOff", $"Back-off restarting failed container {Name} in pod {pod.Pod.Name()}_{pod.Pod.Namespace()}({pod.Pod.Uid()})", container);
        await pod.DelayAsync(delay).ConfigureAwait(false);
    }

    private void Change(Func<ContainerSnapshot, ContainerSnapshot> change) => Change(change, publish: true);

    private void Change(Func<ContainerSnapshot, ContainerSnapshot> change, bool publish)
    {
        lock (pod.Lock)
        {
            var changed = change(_snapshot);
            if (changed == _snapshot)
                return;
            Volatile.Write(ref _snapshot, changed);
            if (publish)
                pod.Publish();
        }
    }
}
