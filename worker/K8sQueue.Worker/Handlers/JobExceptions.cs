namespace K8sQueue.Worker.Handlers;

/// <summary>Another attempt makes no sense: the job becomes a dead letter at once.</summary>
public sealed class UnrecoverableJobException : Exception
{
    public UnrecoverableJobException(string message)
        : base(message)
    {
    }

    public UnrecoverableJobException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    public UnrecoverableJobException()
    {
    }
}

/// <summary>The attempt failed, and the handler knows when the next one makes sense.</summary>
public sealed class RetryJobException : Exception
{
    public RetryJobException(string message, TimeSpan? delay, Exception? innerException = null)
        : base(message, innerException) => Delay = delay;

    public RetryJobException(string message)
        : base(message)
    {
    }

    public RetryJobException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public RetryJobException()
    {
    }

    /// <summary>How long until the next attempt; null leaves it to the job's retry policy.</summary>
    public TimeSpan? Delay { get; }
}
