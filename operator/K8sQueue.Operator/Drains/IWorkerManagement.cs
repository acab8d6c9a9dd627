using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>Where a worker is asked.</summary>
/// <param name="Pool">The pool, whose token opens the port.</param>
/// <param name="Address">The pod's IP.</param>
/// <param name="Port">Its management port.</param>
public readonly record struct WorkerEndpoint(NamespacedName Pool, string Address, int Port);

/// <summary>Asks and tells workers. Never throws for a worker's sake: one that does not answer is an answer.</summary>
public interface IWorkerManagement
{
    /// <summary>How busy it is.</summary>
    Task<WorkerAnswer> AskAsync(WorkerEndpoint worker, CancellationToken cancellationToken);

    /// <summary>Makes it fetch no more until the time is over, and says how busy it is once no fetch is outstanding.</summary>
    /// <param name="worker">Where.</param>
    /// <param name="time">How long.</param>
    /// <param name="heldAt">The pod's resource version as it is about to be deleted: nobody who goes by an older one makes it fetch again. Null for not yet.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<WorkerAnswer> QuiesceAsync(WorkerEndpoint worker, TimeSpan time, string? heldAt, CancellationToken cancellationToken);

    /// <summary>Makes it fetch again, unless it is held at a later version of its pod.</summary>
    /// <param name="worker">Where.</param>
    /// <param name="seenAt">The pod's resource version at which nobody wants it gone.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    Task<WorkerAnswer> ResumeAsync(WorkerEndpoint worker, string? seenAt, CancellationToken cancellationToken);

    /// <summary>The pool is gone, and what is kept of it goes too.</summary>
    void Forget(NamespacedName pool);
}
