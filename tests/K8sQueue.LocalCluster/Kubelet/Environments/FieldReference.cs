using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Environments;

/// <summary>The downward API: a pod's own fields.</summary>
internal static class FieldReference
{
    /// <exception cref="ContainerConfigException">There is no such field.</exception>
    public static string Read(JsonObject pod, string podAddress, string path) => path switch
    {
        "metadata.name" => pod.Name(),
        "metadata.namespace" => pod.Namespace() ?? "",
        "metadata.uid" => pod.Uid(),
        "spec.nodeName" => pod.TextAt("spec", "nodeName") ?? LocalNode.Name,
        "spec.serviceAccountName" => pod.TextAt("spec", "serviceAccountName") ?? "default",
        "status.podIP" or "status.podIPs" => podAddress,
        "status.hostIP" or "status.hostIPs" => "127.0.0.1",
        _ when Subscript(path, "metadata.labels") is { } label => pod.Labels().TextAt(label) ?? "",
        _ when Subscript(path, "metadata.annotations") is { } annotation => pod.Annotation(annotation) ?? "",
        _ => throw new ContainerConfigException($"unsupported fieldPath: {path}"),
    };

    private static string? Subscript(string path, string field) =>
        path.StartsWith($"{field}['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal)
            ? path[(field.Length + 2)..^2]
            : null;
}
