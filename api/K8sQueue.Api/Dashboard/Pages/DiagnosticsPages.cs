using K8sQueue.Api.Authentication;
using K8sQueue.Api.Diagnostics;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>What the checks found.</summary>
public sealed record DiagnosticsModel
{
    /// <summary>When they looked.</summary>
    public DateTimeOffset CheckedAt { get; init; }

    /// <summary>Those that found something, the worst first.</summary>
    internal IReadOnlyList<DiagnosticDocument> Failing { get; init; } = [];

    /// <summary>Those that could not look.</summary>
    internal IReadOnlyList<DiagnosticDocument> Skipped { get; init; } = [];

    /// <summary>Those that found nothing.</summary>
    internal IReadOnlyList<DiagnosticDocument> Passed { get; init; } = [];

    internal static DiagnosticsModel Of(DiagnosticsDocument document) => new()
    {
        CheckedAt = document.CheckedAt,
        Failing = [.. document.Checks.Where(check => check.Status >= DiagnosticStatus.Warning).OrderByDescending(check => check.Status)],
        Skipped = [.. document.Checks.Where(check => check.Status == DiagnosticStatus.Skipped)],
        Passed = [.. document.Checks.Where(check => check.Status == DiagnosticStatus.Ok)],
    };
}

/// <summary>What is wrong, why, and what to do.</summary>
internal static class DiagnosticsPages
{
    public static void MapDiagnosticsPages(this IEndpointRouteBuilder pages) => pages.MapGet("/diagnostics", ShowAsync);

    private static async Task<IResult> ShowAsync(HttpContext context, Diagnoser diagnoser)
    {
        DashboardGuard.RequireEverywhere(context, Verb.Read);
        return Page.Of<DiagnosticsPage>(context, DiagnosticsModel.Of(await diagnoser.RunAsync(context.RequestAborted)));
    }
}
