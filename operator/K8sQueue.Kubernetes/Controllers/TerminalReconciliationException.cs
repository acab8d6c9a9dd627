namespace K8sQueue.Kubernetes.Controllers;

/// <summary>
/// Trying again would not help: the entity is left alone until it, or something that its controller watches, changes, or the resync comes.
/// Thrown, or given to a <see cref="ReconciliationResult{T}.Failure"/> (controller-runtime, reconcile.TerminalError).
/// </summary>
public sealed class TerminalReconciliationException : Exception
{
    public TerminalReconciliationException()
    {
    }

    public TerminalReconciliationException(string message)
        : base(message)
    {
    }

    public TerminalReconciliationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
