using System.Globalization;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Redis.Events;

/// <summary>The fields of an event, as the scripts write them. docs/reference/redis-queue.md lists them.</summary>
internal static class EventFields
{
    /// <summary>Reads an event; null where it is of a kind that this program does not know, or not readable.</summary>
    public static JobEvent? Read(string queue, string? id, IReadOnlyDictionary<string, string> fields)
    {
        if (!JobEventId.TryParse(id, out var eventId) || eventId.Time > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            || !JobId.TryCreate(queue, fields.GetValueOrDefault("j"), out var job) || Kind(fields.GetValueOrDefault("k")) is not { } kind)
        {
            return null;
        }

        return new JobEvent
        {
            Id = eventId,
            Job = job,
            Kind = kind,
            Type = fields.GetValueOrDefault("y"),
            Attempt = (int?)Number(fields, "a"),
            Consumer = fields.GetValueOrDefault("w"),
            Delay = Number(fields, "d") is { } delay ? TimeSpan.FromMilliseconds(delay) : null,
            Error = fields.GetValueOrDefault("x"),
            Reason = fields.GetValueOrDefault("r"),
            Crashes = (int?)Number(fields, "c"),
            Share = Share(fields.GetValueOrDefault("g")),
            Note = fields.GetValueOrDefault("n") is { Length: > 0 } note ? note : null,
        };
    }

    private static JobEventKind? Kind(string? text) => text switch
    {
        "added" => JobEventKind.Added,
        "started" => JobEventKind.Started,
        "progress" => JobEventKind.Progress,
        "completed" => JobEventKind.Completed,
        "failed" => JobEventKind.Failed,
        "buried" => JobEventKind.Buried,
        "recovered" => JobEventKind.Recovered,
        "released" => JobEventKind.Released,
        "cancelled" => JobEventKind.Cancelled,
        "redriven" => JobEventKind.Redriven,
        _ => null,
    };

    // A delay is the largest of them: 365 days in milliseconds; the others are counts.
    private static long? Number(IReadOnlyDictionary<string, string> fields, string name) =>
        long.TryParse(fields.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value <= JobLimits.MaxDelay.TotalMilliseconds ? value : null;

    private static double? Share(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is >= 0 and <= 1 ? share : null;
}
