using System.Text.Json.Nodes;
using K8sQueue.Quickstart.Processes;

namespace K8sQueue.Quickstart.Stack;

/// <summary>Gives the operator the rights of deploy/operator and no others, as an installation does.</summary>
internal static class OperatorAccess
{
    public const string Namespace = "k8squeue-system";
    public const string ServiceAccount = "k8squeue-operator";

    /// <summary>Applies the manifests, and writes a kubeconfig that is the operator's ServiceAccount.</summary>
    /// <exception cref="KubectlException">The cluster refuses.</exception>
    public static async Task GrantAsync(string kubeconfig, string operatorKubeconfig, CancellationToken cancellationToken)
    {
        var kubectl = new Kubectl(kubeconfig, Namespace);
        var manifests = Path.Combine(RepositoryLayout.Root, "deploy", "operator");
        await kubectl.RunAsync(["apply", "--server-side", "--force-conflicts", "-f", manifests], cancellationToken: cancellationToken);
        var token = await kubectl.RunAsync(["create", "token", ServiceAccount, "--duration", "24h"], cancellationToken: cancellationToken);
        var view = await kubectl.RunAsync(["config", "view", "--raw", "--minify", "--flatten", "-o", "json"], cancellationToken: cancellationToken);
        var config = JsonNode.Parse(view)!;
        config["users"]![0]!["user"] = new JsonObject { ["token"] = token.Trim() };
        await SecretFile.WriteAsync(operatorKubeconfig, config.ToJsonString(), cancellationToken);
    }
}
