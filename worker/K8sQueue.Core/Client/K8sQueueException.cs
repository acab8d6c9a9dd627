using System.Net;

namespace K8sQueue.Client;

/// <summary>The API did not do what it was asked for.</summary>
public abstract class K8sQueueException : Exception
{
    private protected K8sQueueException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }

    /// <summary>The status of the answer; null where there was none.</summary>
    public HttpStatusCode? Status { get; internal set; }

    /// <summary>The stable name of what went wrong, for example <c>invalid-job</c> (docs/reference/api.md lists them); null where the answer has none.</summary>
    public string? ProblemType { get; internal set; }

    /// <summary>What exactly, in words.</summary>
    public string? Detail { get; internal set; }

    /// <summary>The field of the job, or the parameter, that is wrong, for example <c>backoff.jitter</c>.</summary>
    public string? Field { get; internal set; }

    /// <summary>When the API wants to be asked again.</summary>
    public TimeSpan? RetryAfter { get; internal set; }
}

/// <summary>The API could not be reached, does not answer, or can't reach its broker: the same call may work later. Whether it had an effect is not known.</summary>
public sealed class K8sQueueUnavailableException : K8sQueueException
{
    internal K8sQueueUnavailableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>What was sent is wrong: sending it again will not help. Nothing was done.</summary>
public sealed class K8sQueueRefusedException : K8sQueueException
{
    internal K8sQueueRefusedException(string message)
        : base(message)
    {
    }
}

/// <summary>The API key is missing, can't be read from its file, is not known, or does not allow this.</summary>
public sealed class K8sQueueAccessException : K8sQueueException
{
    internal K8sQueueAccessException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>There is no such job, or it has no record; or nothing at all at the address, for example since <see cref="K8sQueueClientOptions.Address"/> is not the API's.</summary>
public sealed class K8sQueueNotFoundException : K8sQueueException
{
    internal K8sQueueNotFoundException(string message)
        : base(message)
    {
    }
}
