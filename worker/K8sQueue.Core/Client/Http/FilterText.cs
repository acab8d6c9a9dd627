using System.Globalization;
using System.Text.Json;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client.Http;

/// <summary>A filter as the query of an address. What is null is left out.</summary>
internal static class FilterText
{
    public static string Write(JobFilter filter, params ReadOnlySpan<(string Name, string? Value)> more) => Write(
    [
        ("state", JsonNamingPolicy.CamelCase.ConvertName(filter.State.ToString())), ("type", filter.Type), ("tag", filter.Tag), ("before", Text(filter.Before)), .. more,
    ]);

    public static string Write(DeadLetterFilter filter, params ReadOnlySpan<(string Name, string? Value)> more) => Write(
    [
        ("type", filter.Type), ("reason", filter.Reason), ("tag", filter.Tag), ("error", filter.Error), ("after", Text(filter.After)), ("before", Text(filter.Before)), .. more,
    ]);

    private static string Write((string Name, string? Value)[] fields) =>
        $"?{string.Join('&', fields.Where(field => field.Value is not null).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value!)}"))}";

    private static string? Text(DateTimeOffset? time) => time?.ToString("O", CultureInfo.InvariantCulture);
}
