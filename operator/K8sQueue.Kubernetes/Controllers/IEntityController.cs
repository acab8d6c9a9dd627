using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Controllers;

/// <summary>Brings the world in line with an entity. The surface is KubeOps'; the semantics are controller-runtime's.</summary>
/// <remarks>
/// One call at a time an entity (keyed by namespace and name). The entity is a copy from the informer: it may be stale, never torn.
/// An exception or a <see cref="ReconciliationResult{T}.Failure"/> is retried with a growing delay, for ever.
/// </remarks>
public interface IEntityController<TEntity>
    where TEntity : class, IKubernetesObject
{
    Task<ReconciliationResult<TEntity>> ReconcileAsync(TEntity entity, CancellationToken cancellationToken);

    /// <summary>The entity is gone (also when that was only found out by a list after a lost watch).</summary>
    Task<ReconciliationResult<TEntity>> DeletedAsync(TEntity entity, CancellationToken cancellationToken);
}

/// <summary>
/// Runs before an entity goes. Its finalizer is removed after a success without a requeueAfter; a success with one means "not yet": the
/// finalizer stays and is called again then, or when something that the controller watches changes. Finalizers of others don't hold it up.
/// </summary>
public interface IEntityFinalizer<TEntity>
    where TEntity : class, IKubernetesObject
{
    Task<ReconciliationResult<TEntity>> FinalizeAsync(TEntity entity, CancellationToken cancellationToken);
}

/// <summary>How a reconciliation ended.</summary>
public sealed record ReconciliationResult<TEntity>
    where TEntity : class, IKubernetesObject
{
    private ReconciliationResult(TEntity entity, bool isSuccess, string? message, Exception? exception, TimeSpan? requeueAfter)
    {
        Entity = entity;
        IsSuccess = isSuccess;
        ErrorMessage = message;
        Exception = exception;
        RequeueAfter = requeueAfter;
    }

    public TEntity Entity { get; }

    public bool IsSuccess { get; }

    public string? ErrorMessage { get; }

    public Exception? Exception { get; }

    /// <summary>When to reconcile again without a change; null for only on a change (or, after a failure, with backoff).</summary>
    public TimeSpan? RequeueAfter { get; }

    public static ReconciliationResult<TEntity> Success(TEntity entity, TimeSpan? requeueAfter = null) =>
        new(entity, isSuccess: true, message: null, exception: null, requeueAfter);

    public static ReconciliationResult<TEntity> Failure(
        TEntity entity, string message, Exception? exception = null, TimeSpan? requeueAfter = null) =>
        new(entity, isSuccess: false, message, exception, requeueAfter);
}

/// <summary>Writes an event about an entity; bounded and asynchronous, never blocks or fails a reconciliation.</summary>
/// <param name="entity">What the event is about.</param>
/// <param name="reason">CamelCase, stable.</param>
/// <param name="message">For people; says what to do where something is wrong.</param>
/// <param name="type">Normal or Warning.</param>
/// <param name="cancellationToken">Ends the wait for room in the queue, not the event.</param>
public delegate Task EventPublisher(
    IKubernetesObject entity, string reason, string message, EventType type = EventType.Normal, CancellationToken cancellationToken = default);

public enum EventType
{
    Normal,
    Warning,
}
