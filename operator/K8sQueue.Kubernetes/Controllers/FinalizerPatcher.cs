using System.Net;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>
/// Adds and removes one finalizer, leaving all others alone: a JSON patch that tests the version it was computed from. Where that is outdated
/// the object is read again, up to five times.
/// </summary>
internal sealed class FinalizerPatcher<TEntity>(IKubernetesClient client, TimeProvider time)
    where TEntity : class, IKubernetesObject
{
    private const int Attempts = 5;
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(10);

    /// <summary>The entity with the finalizer on it; null where it is gone or going.</summary>
    public Task<TEntity?> AddAsync(TEntity entity, string finalizer, CancellationToken cancellationToken) =>
        PatchAsync(entity, e => e.IsDeleting() ? null : Add(e.Metadata.Finalizers, finalizer), goneWhenDeleting: true, cancellationToken);

    /// <summary>The entity without the finalizer; null where it is gone, as it may be just because of that.</summary>
    public Task<TEntity?> RemoveAsync(TEntity entity, string finalizer, CancellationToken cancellationToken) =>
        PatchAsync(entity, e => Remove(e.Metadata.Finalizers, finalizer), goneWhenDeleting: false, cancellationToken);

    private static JsonObject? Add(List<string>? finalizers, string finalizer) => finalizers switch
    {
        null or [] => Operation("add", "/metadata/finalizers", new JsonArray(finalizer)),
        _ when finalizers.Contains(finalizer) => null,
        _ => Operation("add", "/metadata/finalizers/-", finalizer),
    };

    private static JsonObject? Remove(List<string>? finalizers, string finalizer) =>
        finalizers?.IndexOf(finalizer) is { } index and >= 0 ? Operation("remove", $"/metadata/finalizers/{index}", value: null) : null;

    private static JsonObject Operation(string operation, string path, JsonNode? value)
    {
        var node = new JsonObject { ["op"] = operation, ["path"] = path };
        if (value is not null)
            node["value"] = value;
        return node;
    }

    private async Task<TEntity?> PatchAsync(
        TEntity entity, Func<TEntity, JsonObject?> change, bool goneWhenDeleting, CancellationToken cancellationToken)
    {
        var (uid, current) = (entity.Metadata.Uid, entity);
        for (var attempt = 1; ; attempt++)
        {
            if (change(current) is not { } operation)
                return goneWhenDeleting && current.IsDeleting() ? null : current;
            try
            {
                var patch = new JsonArray(Operation("test", "/metadata/resourceVersion", current.Metadata.ResourceVersion ?? ""), operation);
                return await client.PatchAsync<TEntity>(
                    current.Metadata.Name!, current.Metadata.Namespace, new KubernetesPatch(patch, KubernetesPatch.JsonPatch), null, cancellationToken)
                    .ConfigureAwait(false);
            }
            catch (KubernetesApiException e) when (e.IsNotFound)
            {
                return null;
            }
            catch (KubernetesApiException e) when (IsOutdated(e) && attempt < Attempts)
            {
                await Task.Delay(RetryDelay * attempt, time, cancellationToken).ConfigureAwait(false);
                var live = await client.GetAsync<TEntity>(current.Metadata.Name!, current.Metadata.Namespace, cancellationToken).ConfigureAwait(false);
                if (live is null || live.Metadata.Uid != uid)
                    return null;
                current = live;
            }
        }
    }

    // A test that fails is 422 in a JSON patch; a write in between is 409.
    private static bool IsOutdated(KubernetesApiException e) =>
        e.IsConflict || e.StatusCode == HttpStatusCode.UnprocessableEntity;
}
