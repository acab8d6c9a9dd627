namespace K8sQueue.Core.Queues;

/// <summary>The broker can't be reached or does not answer in time. Try again later.</summary>
public sealed class JobQueueUnavailableException : Exception
{
    public JobQueueUnavailableException(string message)
        : base(message)
    {
    }

    public JobQueueUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public JobQueueUnavailableException()
    {
    }
}

/// <summary>The broker has no memory left for another job. Nothing was added.</summary>
public sealed class JobQueueFullException : Exception
{
    public JobQueueFullException(string message)
        : base(message)
    {
    }

    public JobQueueFullException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public JobQueueFullException()
    {
    }
}

/// <summary>The broker's configuration could lose jobs; the message names the setting and what to set.</summary>
public sealed class JobQueueConfigurationException : Exception
{
    public JobQueueConfigurationException(string message)
        : base(message)
    {
    }

    public JobQueueConfigurationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public JobQueueConfigurationException()
    {
    }
}

/// <summary>A job's payload is gone or damaged. It will not come back.</summary>
public sealed class JobPayloadException : Exception
{
    public JobPayloadException(string message)
        : base(message)
    {
    }

    public JobPayloadException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public JobPayloadException()
    {
    }
}

/// <summary>Events behind the one that was asked for are not kept any more: some were missed.</summary>
public sealed class JobEventsTrimmedException : Exception
{
    public JobEventsTrimmedException(string message)
        : base(message)
    {
    }

    public JobEventsTrimmedException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    public JobEventsTrimmedException()
        : base("The events that follow this one are not kept any more.")
    {
    }
}
