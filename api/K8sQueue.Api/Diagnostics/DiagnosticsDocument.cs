namespace K8sQueue.Api.Diagnostics;

/// <summary>What all checks found.</summary>
/// <param name="Status">The worst of them: ok, warning or error.</param>
/// <param name="CheckedAt">When they looked.</param>
/// <param name="Checks">The checks, always all of them and in the same order.</param>
internal sealed record DiagnosticsDocument(DiagnosticStatus Status, DateTimeOffset CheckedAt, IReadOnlyList<DiagnosticDocument> Checks)
{
    public static DiagnosticsDocument From(DiagnosticFacts facts, DateTimeOffset at)
    {
        var checks = DiagnosticChecks.All.Select(check => DiagnosticDocument.From(check, check.Look(facts))).ToList();
        var worst = checks.Max(check => check.Status);
        return new DiagnosticsDocument(worst == DiagnosticStatus.Skipped ? DiagnosticStatus.Ok : worst, at, checks);
    }
}

/// <summary>A check and what it found.</summary>
internal sealed record DiagnosticDocument
{
    public required string Id { get; init; }

    /// <summary>ok, skipped (there is nothing to look at, or it could not be read), warning or error.</summary>
    public required DiagnosticStatus Status { get; init; }

    /// <summary>What people see of it, where it is so.</summary>
    public required string Symptom { get; init; }

    public required string Cause { get; init; }

    public required string Remedy { get; init; }

    /// <summary>The figures or names behind a warning or an error, or why it was skipped.</summary>
    public string? Detail { get; init; }

    /// <summary>The queues, pools or budgets that it is about, twenty at most.</summary>
    public IReadOnlyList<string>? Subjects { get; init; }

    public static DiagnosticDocument From(DiagnosticCheck check, Finding finding) => new()
    {
        Id = check.Id,
        Status = finding.Status,
        Symptom = check.Symptom,
        Cause = check.Cause,
        Remedy = check.Remedy,
        Detail = finding.Detail,
        Subjects = finding.Subjects,
    };
}
