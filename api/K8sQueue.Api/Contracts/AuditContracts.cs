using K8sQueue.Core.Audit;

namespace K8sQueue.Api.Contracts;

/// <summary>Something that was done.</summary>
internal sealed record AuditDocument
{
    public required string Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>The name of the API key, or the subject; empty of a login by nobody who is known.</summary>
    public required string Key { get; init; }

    public required string Verb { get; init; }

    public required string Method { get; init; }

    /// <summary>The pattern of the address.</summary>
    public required string Route { get; init; }

    public string? Queue { get; init; }

    /// <summary>The id of a job, or the name of a schedule.</summary>
    public string? Subject { get; init; }

    /// <summary>Which jobs were meant, of an act on many, as the query of an address says it.</summary>
    public string? Filter { get; init; }

    /// <summary>How many jobs an act on many changed; missing where it failed on its way.</summary>
    public int? Changed { get; init; }

    /// <summary>The address that a login came from.</summary>
    public string? Address { get; init; }

    /// <summary>Why a login was refused.</summary>
    public string? Reason { get; init; }

    /// <summary>What it was answered with.</summary>
    public required int Status { get; init; }

    public string? TraceId { get; init; }

    public static AuditDocument From(AuditEntry entry) => new()
    {
        Id = entry.Id.ToString(),
        At = entry.At,
        Key = entry.Act.Key,
        Verb = entry.Act.Verb,
        Method = entry.Act.Method,
        Route = entry.Act.Route,
        Queue = entry.Act.Queue,
        Subject = entry.Act.Subject,
        Filter = entry.Act.Filter,
        Changed = entry.Act.Changed,
        Address = entry.Act.Address,
        Reason = entry.Act.Reason,
        Status = entry.Act.Status,
        TraceId = entry.Act.TraceId,
    };
}

/// <summary>A page of what was done, newest first.</summary>
/// <param name="Entries">What was done.</param>
/// <param name="Next">Give it as <c>after</c> for what was done before; missing on the last page.</param>
internal sealed record AuditPage(IReadOnlyList<AuditDocument> Entries, string? Next);
