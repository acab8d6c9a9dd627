namespace K8sQueue.Api.Diagnostics;

/// <summary>What a check found.</summary>
/// <param name="Status">How bad it is.</param>
/// <param name="Detail">The figures or names behind it; null where there is nothing to add.</param>
/// <param name="Subjects">The queues, pools or budgets that it is about.</param>
internal sealed record Finding(DiagnosticStatus Status, string? Detail = null, IReadOnlyList<string>? Subjects = null)
{
    /// <summary>The most subjects that are named.</summary>
    public const int MaxSubjects = 20;

    public static readonly Finding Ok = new(DiagnosticStatus.Ok);

    public static Finding Skipped(string why) => new(DiagnosticStatus.Skipped, why);

    public static Finding Warning(string detail) => new(DiagnosticStatus.Warning, detail);

    public static Finding Error(string detail) => new(DiagnosticStatus.Error, detail);

    /// <summary>Fine where nothing is amiss, else of this status with what is.</summary>
    /// <param name="status">How bad one of them is.</param>
    /// <param name="amiss">What each is called, and what is wrong with it.</param>
    public static Finding Of(DiagnosticStatus status, IEnumerable<(string Subject, string Detail)> amiss)
    {
        var found = amiss.ToList();
        if (found.Count == 0)
            return Ok;
        var detail = string.Join("; ", found.Take(MaxSubjects).Select(one => $"{one.Subject}: {one.Detail}"));
        return new Finding(
            status,
            found.Count > MaxSubjects ? $"{detail}; and {found.Count - MaxSubjects} more" : detail,
            [.. found.Take(MaxSubjects).Select(one => one.Subject)]);
    }
}
