namespace K8sQueue.Kubernetes.Models;

/// <summary>v1 Status: how the API server says that a request failed (and, for deletes, that it succeeded).</summary>
public sealed class V1Status
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    /// <summary>Success or Failure.</summary>
    public string? Status { get; set; }

    public string? Message { get; set; }

    /// <summary>For example NotFound, AlreadyExists, Conflict, Invalid, Expired.</summary>
    public string? Reason { get; set; }

    public int? Code { get; set; }

    public V1StatusDetails? Details { get; set; }
}

public sealed class V1StatusDetails
{
    public string? Name { get; set; }

    public string? Group { get; set; }

    public string? Kind { get; set; }

    public string? Uid { get; set; }

    public int? RetryAfterSeconds { get; set; }

    public List<V1StatusCause>? Causes { get; set; }
}

public sealed class V1StatusCause
{
    public string? Field { get; set; }

    public string? Reason { get; set; }

    public string? Message { get; set; }
}
