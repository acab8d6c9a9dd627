using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Containers;

internal static class RestartPolicy
{
    public const string Always = "Always";
    public const string OnFailure = "OnFailure";
    public const string Never = "Never";

    public static string OfPod(JsonObject pod) => pod.TextAt("spec", "restartPolicy") ?? Always;

    /// <summary>An init container that keeps running beside the others.</summary>
    public static bool IsSidecar(JsonObject initContainer) => initContainer.TextAt("restartPolicy") == Always;

    /// <summary>The policy of one container: an init container that ended well is done.</summary>
    public static string OfContainer(JsonObject pod, JsonObject container, bool init) =>
        !init ? OfPod(pod)
        : IsSidecar(container) ? Always
        : OfPod(pod) == Never ? Never : OnFailure;

    public static bool Restarts(string policy, int exitCode) => policy switch
    {
        Never => false,
        OnFailure => exitCode != 0,
        _ => true,
    };
}
