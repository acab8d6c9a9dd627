using K8sQueue.LocalCluster.Tests.Kubectl;
using K8sQueue.Testing;

namespace K8sQueue.LocalCluster.Tests.Admission;

/// <summary>What an installation applies.</summary>
internal static class OperatorManifests
{
    /// <summary>Applies deploy/operator; the operator's token.</summary>
    public static async Task<string> InstallAsync(KubectlCluster cluster)
    {
        await cluster.OkAsync("k8squeue-system", "apply", "-f", Path.Combine(RepositoryFolder.Root, "deploy", "operator"));
        return (await cluster.OkAsync("k8squeue-system", "create", "token", "k8squeue-operator")).Trim();
    }
}
