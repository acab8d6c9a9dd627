using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Brings the Deployments to the sizes of a plan.</summary>
internal sealed class PoolResizer(IKubernetesClient client)
{
    private static readonly TimeSpan StaleInterval = TimeSpan.FromSeconds(1);

    public async Task ResizeAsync(PoolPass pass, PoolPlan? plan, CancellationToken cancellationToken)
    {
        foreach (var deployment in plan?.Deployments ?? [])
        {
            var replicas = plan!.Rollout.Replicas[deployment.Metadata.Name!];
            if (deployment.Spec.Replicas == replicas)
                continue;
            await pass.AttemptAsync($"The Deployment '{deployment.Metadata.Name}' can't be resized", () =>
                ResizeAsync(pass, deployment, replicas, cancellationToken)).ConfigureAwait(false);
        }
    }

    /// <summary>Only from the size that was seen: one that another leader has set since is not this one's to change.</summary>
    private async Task ResizeAsync(PoolPass pass, V1Deployment deployment, int replicas, CancellationToken cancellationToken)
    {
        var patch = new JsonArray(
            new JsonObject { ["op"] = "test", ["path"] = "/metadata/uid", ["value"] = deployment.Metadata.Uid },
            new JsonObject { ["op"] = "test", ["path"] = "/spec/replicas", ["value"] = deployment.Spec.Replicas },
            new JsonObject { ["op"] = "replace", ["path"] = "/spec/replicas", ["value"] = replicas });
        try
        {
            await client.PatchAsync<V1Deployment>(
                deployment.Metadata.Name!, pass.Namespace, new KubernetesPatch(patch, KubernetesPatch.JsonPatch), null, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.UnprocessableEntity)
        {
            // A test failed: the cache is behind.
            pass.LookAgain(StaleInterval);
        }
    }
}
