using System.Collections.Concurrent;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Informers;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>
/// What one key needs: the controller's DeletedAsync for what is gone, finalizers for what is going, ReconcileAsync, with the finalizers put on
/// first, for the rest.
/// </summary>
internal sealed class EntityReconciler<TEntity>
    where TEntity : class, IKubernetesObject
{
    private readonly ConcurrentDictionary<NamespacedName, TEntity> _deleted = new();
    private readonly IEntityController<TEntity> _controller;
    private readonly IReadOnlyList<FinalizerRegistration<TEntity>> _finalizers;
    private readonly IResourceStore<TEntity> _store;
    private readonly FinalizerPatcher<TEntity> _patcher;
    private readonly KubernetesClientJson _json;

    public EntityReconciler(
        IEntityController<TEntity> controller,
        IEnumerable<FinalizerRegistration<TEntity>> finalizers,
        IResourceStore<TEntity> store,
        FinalizerPatcher<TEntity> patcher,
        KubernetesClientJson json)
    {
        _controller = controller;
        _finalizers = [.. finalizers];
        _store = store;
        _patcher = patcher;
        _json = json;
    }

    /// <summary>Keeps the last state of what is gone until the controller was told.</summary>
    public void Deleted(TEntity last) => _deleted[last.Key()] = last;

    public async Task<ReconciliationResult<TEntity>?> ReconcileAsync(NamespacedName key, CancellationToken cancellationToken)
    {
        if (_deleted.TryGetValue(key, out var gone))
        {
            var result = await _controller.DeletedAsync(_json.Clone(gone), cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess || result.RequeueAfter is not null)
                return result;
            _deleted.TryRemove(KeyValuePair.Create(key, gone));
        }

        if (_store.Get(key) is not { } cached)
            return null;
        var entity = _json.Clone(cached);
        return entity.IsDeleting()
            ? await FinalizeAsync(entity, cancellationToken).ConfigureAwait(false)
            : await ReconcileAsync(entity, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ReconciliationResult<TEntity>?> ReconcileAsync(TEntity entity, CancellationToken cancellationToken)
    {
        foreach (var (identifier, _) in _finalizers)
        {
            if (entity.Metadata.Finalizers?.Contains(identifier) == true)
                continue;
            if (await _patcher.AddAsync(entity, identifier, cancellationToken).ConfigureAwait(false) is not { } added)
                return null;
            entity = added;
        }

        return await _controller.ReconcileAsync(entity, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ReconciliationResult<TEntity>?> FinalizeAsync(TEntity entity, CancellationToken cancellationToken)
    {
        foreach (var (identifier, finalizer) in _finalizers)
        {
            if (entity.Metadata.Finalizers?.Contains(identifier) != true)
                continue;
            var result = await finalizer.FinalizeAsync(entity, cancellationToken).ConfigureAwait(false);
            if (!result.IsSuccess || result.RequeueAfter is not null)
                return result;
            if (await _patcher.RemoveAsync(entity, identifier, cancellationToken).ConfigureAwait(false) is not { } removed)
                return null;
            entity = removed;
        }

        return null;
    }
}
