using System.Globalization;
using System.Text;
using System.Text.Json;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client.Http;

/// <summary>A filter as the query of an address.</summary>
internal static class JobFilterText
{
    public static string Write(JobFilter filter, string? after, params ReadOnlySpan<(string Name, string Value)> more)
    {
        var query = new StringBuilder($"?state={JsonNamingPolicy.CamelCase.ConvertName(filter.State.ToString())}");
        Add(query, "type", filter.Type);
        Add(query, "tag", filter.Tag);
        Add(query, "before", filter.Before?.ToString("O", CultureInfo.InvariantCulture));
        Add(query, "after", after);
        foreach (var (name, value) in more)
            Add(query, name, value);
        return query.ToString();
    }

    private static void Add(StringBuilder query, string name, string? value)
    {
        if (value is not null)
            query.Append(CultureInfo.InvariantCulture, $"&{name}={Uri.EscapeDataString(value)}");
    }
}
