using System.Net;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>Brings the Deployments towards the sizes of a plan: up at once, down by draining.</summary>
internal sealed class PoolResizer(IKubernetesClient client, DrainCoordinator drains)
{
    private static readonly TimeSpan StaleInterval = TimeSpan.FromSeconds(1);

    public async Task ResizeAsync(PoolPass pass, PoolPlan? plan, CancellationToken cancellationToken)
    {
        drains.Observe(pass);
        // What a rollout or a suspension takes away is no scale-in.
        var isLimited = plan?.IsRollingOut == false && !pass.Spec.Suspend;
        foreach (var deployment in plan?.Deployments ?? [])
        {
            var replicas = plan!.Rollout.Replicas[deployment.Metadata.Name!];
            await pass.AttemptAsync($"The Deployment '{deployment.Metadata.Name}' can't be resized", async () =>
            {
                var limit = isLimited ? pass.Spec.Scaling.ScaleDown.MaxPodsPerMinute : null;
                await drains.TendAsync(pass, deployment, replicas, limit, cancellationToken).ConfigureAwait(false);
                if ((deployment.Spec.Replicas ?? 0) < replicas && !pass.Memory.Drains.IsShrinking(deployment))
                    await GrowAsync(pass, deployment, replicas, cancellationToken).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
    }

    /// <summary>Only from the size that was seen: one that another leader has set since is not this one's to change.</summary>
    private async Task GrowAsync(PoolPass pass, V1Deployment deployment, int replicas, CancellationToken cancellationToken)
    {
        try
        {
            await client.PatchAsync<V1Deployment>(
                deployment.Metadata.Name!, pass.Namespace, ReplicaPatch.Grow(deployment, replicas), null, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.StatusCode == HttpStatusCode.UnprocessableEntity)
        {
            // A test failed: the cache is behind.
            pass.LookAgain(StaleInterval);
        }
    }
}
