using K8sQueue.LocalCluster.Kubelet.Containers;

namespace K8sQueue.LocalCluster.Kubelet.Pods;

/// <summary>The phase that containers make (getPhase of the kubelet).</summary>
internal static class PodPhase
{
    public const string Pending = "Pending";
    public const string Running = "Running";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";

    /// <param name="inits">The init containers that are not sidecars.</param>
    /// <param name="ended">Nothing will be started any more, and nothing runs.</param>
    public static string Of(string restartPolicy, IReadOnlyCollection<ContainerSnapshot> inits, IReadOnlyCollection<ContainerSnapshot> containers, bool ended)
    {
        if (inits.Any(i => i.State is ContainerState.Terminated { ExitCode: not 0 }) && (restartPolicy == RestartPolicy.Never || ended))
            return Failed;
        if (!ended && inits.Any(i => i.State is not ContainerState.Terminated { ExitCode: 0 }))
            return Pending;

        var ends = containers.Select(End).ToList();
        if (ended)
            return ends.TrueForAll(e => e is { ExitCode: 0 }) ? Succeeded : Failed;
        if (containers.Any(c => c is { State: ContainerState.Waiting, Last: null }))
            return Pending;
        if (containers.Any(c => c.State is ContainerState.Running) || restartPolicy == RestartPolicy.Always)
            return Running;
        if (ends.TrueForAll(e => e is { ExitCode: 0 }))
            return Succeeded;
        return restartPolicy == RestartPolicy.Never ? Failed : Running;
    }

    private static ContainerState.Terminated? End(ContainerSnapshot container) =>
        container.State as ContainerState.Terminated ?? (container.State is ContainerState.Waiting ? container.Last : null);
}
