using System.Globalization;

namespace K8sQueue.Worker.Handlers;

/// <summary>How times are told to handlers that are not of .NET.</summary>
internal static class JobTimes
{
    /// <summary>RFC 3339 in UTC, to the millisecond.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
