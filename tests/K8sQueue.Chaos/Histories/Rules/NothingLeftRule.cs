using System.Globalization;
using K8sQueue.Core.Redis;

namespace K8sQueue.Chaos.Histories.Rules;

/// <summary>
/// When all is done the lanes are empty, nobody owns anything, no consumer is left, and no key but those that a queue keeps: empty lanes,
/// version, totals, housekeeping, dead letters, events, and the records of tracked jobs and of batches that have ended, the figures
/// of the last hour and the word of a bulk enqueue, which expire.
/// </summary>
internal sealed class NothingLeftRule : IHistoryRule
{
    public IEnumerable<string> Check(HistoryContext context)
    {
        var left = Left(context.Evidence.Keys).ToList();
        if (left.Count > 0)
            yield return $"{left.Count} things were left behind: {HistoryContext.Name(left)}";
    }

    /// <summary>What should not be there, a phrase each.</summary>
    public static IEnumerable<string> Left(IEnumerable<KeyState> keys) => keys.Select(Fault).OfType<string>();

    private static string? Fault(KeyState key)
    {
        if (key.Name == RedisKeys.Registry)
            return null;
        var part = key.Name[(key.Name.IndexOf("}:", StringComparison.Ordinal) + 2)..];
        return part.Split(':')[0] switch
        {
            "lane" when key is { Length: 0, Pending: 0, Consumers: 0 } => null,
            "lane" => string.Create(CultureInfo.InvariantCulture, $"{key.Name} ({key.Length} entries, {key.Pending} pending, {key.Consumers} consumers)"),
            "version" or "stats" or "reaper" or "dead" or "events" => null,
            "job" or "load" or "bulk" when key.Expires => null,
            "batch" when key.Expires && !part.EndsWith(":open", StringComparison.Ordinal) => null,
            _ => string.Create(CultureInfo.InvariantCulture, $"{key.Name} ({key.Length})"),
        };
    }
}
