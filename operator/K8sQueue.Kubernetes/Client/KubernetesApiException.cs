using System.Net;

namespace K8sQueue.Kubernetes.Client;

/// <summary>The API server refused a request, or its answer could not be had.</summary>
public sealed class KubernetesApiException : Exception
{
    public KubernetesApiException(HttpStatusCode statusCode, string? reason, string message, TimeSpan? retryAfter = null)
        : base(message)
    {
        StatusCode = statusCode;
        Reason = reason;
        RetryAfter = retryAfter;
    }

    public KubernetesApiException()
    {
    }

    public KubernetesApiException(string message)
        : base(message)
    {
    }

    public KubernetesApiException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The HTTP status; 0 where no answer came.</summary>
    public HttpStatusCode StatusCode { get; }

    /// <summary>The Status object's reason, for example AlreadyExists, Conflict, Expired, Invalid.</summary>
    public string? Reason { get; }

    /// <summary>How long the server asked to wait.</summary>
    public TimeSpan? RetryAfter { get; }

    public bool IsNotFound => StatusCode == HttpStatusCode.NotFound;

    public bool IsConflict => StatusCode == HttpStatusCode.Conflict;

    public bool IsAlreadyExists => IsConflict && Reason == "AlreadyExists";

    /// <summary>It is refused as it is, by rights, rules or a webhook: the same call is answered so until one of these or the object changes.</summary>
    public bool IsRefused => StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.BadRequest or HttpStatusCode.UnprocessableEntity;

    /// <summary>The resourceVersion is too old: list again.</summary>
    public bool IsExpired => StatusCode == HttpStatusCode.Gone || Reason == "Expired";
}
