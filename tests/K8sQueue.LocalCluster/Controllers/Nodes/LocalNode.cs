using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Controllers.Nodes;

/// <summary>The one node: this machine.</summary>
internal static class LocalNode
{
    public const string Name = "local";

    public static JsonObject Build() => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Node",
        ["metadata"] = new JsonObject
        {
            ["name"] = Name,
            ["labels"] = new JsonObject
            {
                ["kubernetes.io/hostname"] = Name,
                ["kubernetes.io/os"] = "linux",
                ["kubernetes.io/arch"] = RuntimeInformation.OSArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            },
        },
        ["spec"] = new JsonObject(),
    };

    public static JsonObject Status(JsonObject node, DateTimeOffset now)
    {
        var status = node.MapAt("status")?.DeepClone().AsObject() ?? [];
        JsonObject Resources() => new()
        {
            ["cpu"] = $"{Environment.ProcessorCount}",
            ["memory"] = $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1024}Ki",
            ["pods"] = "1000",
        };
        status["capacity"] = Resources();
        status["allocatable"] = Resources();
        status["addresses"] = new JsonArray(
            new JsonObject { ["type"] = "InternalIP", ["address"] = "127.0.0.1" },
            new JsonObject { ["type"] = "Hostname", ["address"] = Name });
        status["nodeInfo"] = new JsonObject
        {
            ["operatingSystem"] = "linux",
            ["osImage"] = Environment.OSVersion.VersionString,
            ["kernelVersion"] = Environment.OSVersion.Version.ToString(),
            ["containerRuntimeVersion"] = "process://local",
            ["kubeletVersion"] = "v1.33.0-localcluster",
            ["kubeProxyVersion"] = "",
            ["architecture"] = node.TextAt("metadata", "labels", "kubernetes.io/arch"),
            ["bootID"] = "",
            ["machineID"] = "",
            ["systemUUID"] = "",
        };
        StatusConditions.Set(status, "Ready", "True", "KubeletReady", "LocalCluster runs pods as processes of this machine", now);
        StatusConditions.Find(status, "Ready")!["lastHeartbeatTime"] = now.ToTimestamp();
        return status;
    }
}
