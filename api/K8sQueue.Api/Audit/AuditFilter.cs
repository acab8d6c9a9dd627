using System.Globalization;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Audit;

/// <summary>Which jobs an act on many meant, as an audit entry says it: like an address's query, so of visible ASCII alone.</summary>
internal static class AuditFilter
{
    /// <summary>What is longer is cut: somebody who searches for a whole stack trace fills no log.</summary>
    public const int MaxLength = 500;

    public static string Of(JobFilter filter) =>
        Text([("state", JobQuery.NameOf(filter.State)), ("type", filter.Type), ("tag", filter.Tag), ("before", Text(filter.Before))]);

    public static string Of(DeadLetterFilter filter) => Text(
    [
        ("type", filter.Type), ("reason", filter.Reason), ("tag", filter.Tag), ("error", filter.Error), ("after", Text(filter.After)),
        ("before", Text(filter.Before)),
    ]);

    private static string Text(IEnumerable<(string Name, string? Value)> fields)
    {
        var text = string.Join('&', fields.Where(field => field.Value is not null).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value!)}"));
        return text.Length <= MaxLength ? text : $"{text[..(MaxLength - 3)]}...";
    }

    private static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);
}
