using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Audit;

/// <summary>What somebody did to queues, without what was said in it.</summary>
public sealed record AuditAct
{
    /// <summary>The name of the key that it was done with; empty of a login by nobody who is known.</summary>
    public required string Key { get; init; }

    /// <summary>What kind of thing it is, for example <c>manage</c> or <c>login</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>The request's method.</summary>
    public required string Method { get; init; }

    /// <summary>The pattern of the request's address, for example <c>/v1/queues/{queue}/pause</c>.</summary>
    public required string Route { get; init; }

    /// <summary>The queue; null where it is about none, or about several.</summary>
    public string? Queue { get; init; }

    /// <summary>The job or batch, or a schedule's name; null where it is about none.</summary>
    public string? Subject { get; init; }

    /// <summary>Which jobs were meant, of an act on many, as an address's query says it; null for an act on one.</summary>
    public string? Filter { get; init; }

    /// <summary>How many jobs an act on many changed; null for an act on one, and where it failed on its way.</summary>
    public int? Changed { get; init; }

    /// <summary>The address that a login came from; null of other acts.</summary>
    public string? Address { get; init; }

    /// <summary>Why a login was refused; null of other acts.</summary>
    public string? Reason { get; init; }

    /// <summary>The status of the answer.</summary>
    public required int Status { get; init; }

    /// <summary>The id of the request's W3C trace; null where there is none.</summary>
    public string? TraceId { get; init; }
}

/// <summary>Something that was done, where it stands.</summary>
/// <param name="Id">Its place: later ones have higher ids.</param>
/// <param name="Act">What was done.</param>
public sealed record AuditEntry(JobEventId Id, AuditAct Act)
{
    /// <summary>When, by the broker's clock.</summary>
    public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(Id.Time);
}
