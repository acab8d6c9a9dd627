using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Api;

/// <summary>What every cluster has from the start.</summary>
internal static class ClusterSeed
{
    private static readonly string[] Namespaces = ["default", "kube-node-lease", "kube-public", "kube-system"];

    public static IClusterApi Plant(ClusterApi api)
    {
        foreach (var name in Namespaces)
            api.Create(GroupResource.Namespaces, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } });
        return api;
    }
}
