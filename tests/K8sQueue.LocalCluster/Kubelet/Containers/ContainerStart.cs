using System.Security.Cryptography;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Kubelet.Environments;
using K8sQueue.LocalCluster.Kubelet.Images;
using K8sQueue.LocalCluster.Kubelet.Processes;
using K8sQueue.LocalCluster.Kubelet.Volumes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Kubelet.Containers;

/// <summary>Makes what a container runs from its spec, anew for each start: a Secret may have come meanwhile.</summary>
internal sealed class ContainerStart(
    JsonObject pod, JsonObject container, string podAddress, string podDirectory, ImageMap images, ConfigurationSource source, PodVolumes volumes)
{
    private const int IdBytes = 32;

    /// <summary>The image's command, with the container's own instead where it has one; null where the image is unknown and there is none.</summary>
    public static IReadOnlyList<string>? Command(JsonObject container, ImageMap images)
    {
        var entrypoint = container.TextsAt("command").ToList();
        if (entrypoint.Count == 0)
        {
            if (images.Find(container.TextAt("image") ?? "") is not { } image)
                return null;
            entrypoint = [.. image];
        }

        return [.. entrypoint, .. container.TextsAt("args")];
    }

    /// <summary>What to start; null where the image is unknown.</summary>
    /// <exception cref="ContainerConfigException">A Secret, ConfigMap, key or field is missing.</exception>
    public ProcessSpec? Prepare()
    {
        if (Command(container, images) is not { } command)
            return null;
        var variables = ContainerEnvironment.Build(pod, container, podAddress, source);
        volumes.AddVariables(variables, pod, container);
        var mounts = volumes.Mounts(pod, container);
        var workingDirectory = container.TextAt("workingDir") is { Length: > 0 } directory ? PodVolumes.Rewrite(directory, mounts) : podDirectory;
        return new ProcessSpec(
            [.. command.Select(c => PodVolumes.Rewrite(VariableExpansion.Expand(c, variables), mounts))],
            variables,
            workingDirectory,
            Path.Combine(podDirectory, $"{container.TextAt("name")}.log"),
            Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)));
    }
}
