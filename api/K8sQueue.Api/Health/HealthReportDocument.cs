using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace K8sQueue.Api.Health;

/// <summary>How the dependencies fare.</summary>
/// <param name="Status"><c>ok</c>, or <c>failing</c> where one of them is.</param>
/// <param name="Dependencies">The dependencies, by name.</param>
internal sealed record HealthReportDocument(string Status, IReadOnlyDictionary<string, DependencyDocument> Dependencies)
{
    public const string Ok = "ok";
    public const string Failing = "failing";

    public static HealthReportDocument From(HealthReport report, bool withReasons) => new(
        NameOf(report.Status),
        report.Entries.ToDictionary(
            entry => entry.Key, entry => new DependencyDocument(NameOf(entry.Value.Status), withReasons ? entry.Value.Description : null), StringComparer.Ordinal));

    private static string NameOf(HealthStatus status) => status == HealthStatus.Healthy ? Ok : Failing;
}

/// <param name="Status"><c>ok</c> or <c>failing</c>.</param>
/// <param name="Reason">Why it is failing; null where it is not, or where who asks may not read every queue.</param>
internal sealed record DependencyDocument(string Status, string? Reason);
