using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Resources;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>
/// Keeps the Secret of a pool's management token. Secrets are not watched, so it is read again every few minutes, and soon where a pod can't
/// start for want of something that it names.
/// </summary>
internal sealed class ManagementSecret(IKubernetesClient client, PoolStores stores, TimeProvider time)
{
    private static readonly TimeSpan Present = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Suspect = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    public async Task EnsureAsync(PoolPass pass, CancellationToken cancellationToken)
    {
        var interval = stores.PodsOf(pass.Pool).Any(LacksSomething) ? Suspect : Present;
        if (pass.Memory.ManagementSecretSeen is { } seen && time.GetElapsedTime(seen) is var age && age < interval)
        {
            pass.LookAgain(interval - age);
            return;
        }

        pass.Memory.ManagementSecretSeen = null;
        var name = ChildMetadata.ManagementSecretName(pass.Name);
        var live = await client.GetAsync<V1Secret>(name, pass.Namespace, cancellationToken).ConfigureAwait(false)
            ?? await CreateAsync(pass, cancellationToken).ConfigureAwait(false);
        if (!live.IsControlledBy(pass.Pool))
        {
            pass.ReportStranger(ChildWriter.Stranger(pass.Pool, live), "Secret", name);
        }
        else if (live.IsDeleting())
        {
            pass.LookAgain(Retry);
        }
        else
        {
            pass.Memory.ManagementSecretSeen = time.GetTimestamp();
            pass.LookAgain(interval);
        }
    }

    private Task<V1Secret> CreateAsync(PoolPass pass, CancellationToken cancellationToken) =>
        client.CreateAsync(ManagementSecretBuilder.Build(pass.Pool, ManagementSecretBuilder.NewToken()), cancellationToken);

    private static bool LacksSomething(V1Pod pod) =>
        (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? [])
        .Any(status => status.State?.Waiting?.Reason == "CreateContainerConfigError");
}
