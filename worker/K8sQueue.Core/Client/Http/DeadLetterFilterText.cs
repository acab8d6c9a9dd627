using System.Globalization;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client.Http;

/// <summary>A filter of dead letters as the query of an address.</summary>
internal static class DeadLetterFilterText
{
    public static string Write(DeadLetterFilter filter, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        (string Name, string? Value)[] fields =
        [
            ("type", filter.Type), ("reason", filter.Reason), ("tag", filter.Tag), ("error", filter.Error), ("after", Text(filter.After)), ("before", Text(filter.Before)), .. more,
        ];
        return $"?{string.Join('&', fields.Where(field => field.Value is not null).Select(field => $"{field.Name}={Uri.EscapeDataString(field.Value!)}"))}";
    }

    private static string? Text(DateTimeOffset? time) => time?.ToString("O", CultureInfo.InvariantCulture);
}
