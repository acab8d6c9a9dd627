using System.Text.Json;
using System.Text.Json.Serialization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Core.Redis.Schedules;

/// <summary>A schedule as its queue's hash keeps it. Retry policy and traits are texts as in a job's header.</summary>
internal sealed record StoredSchedule
{
    public required string Cron { get; init; }

    public required string TimeZone { get; init; }

    public required MisfirePolicy Misfire { get; init; }

    public required long GraceMs { get; init; }

    public required ScheduleOverlap Overlap { get; init; }

    public required bool Paused { get; init; }

    public required string Type { get; init; }

    public required byte[] Payload { get; init; }

    public required Lane Lane { get; init; }

    public required bool Tracked { get; init; }

    public required string Retry { get; init; }

    public long? TimeoutMs { get; init; }

    public string? Trace { get; init; }

    public required string Traits { get; init; }

    public static StoredSchedule From(JobSchedule schedule, bool paused) => new()
    {
        Cron = schedule.Cron,
        TimeZone = schedule.TimeZone,
        Misfire = schedule.Misfire,
        GraceMs = EntryHeader.Milliseconds(schedule.MisfireGrace),
        Overlap = schedule.Overlap,
        Paused = paused,
        Type = schedule.Job.Type,
        Payload = schedule.Job.Payload.ToArray(),
        Lane = schedule.Job.Lane,
        Tracked = schedule.Job.Tracked,
        Retry = RetryPolicyText.Format(schedule.Job.Retry),
        TimeoutMs = schedule.Job.Timeout is { } timeout ? EntryHeader.Milliseconds(timeout) : null,
        Trace = schedule.Job.TraceParent,
        Traits = JobTraitsText.Format(schedule.Job.Traits),
    };

    public string ToJson() => JsonSerializer.Serialize(this, ScheduleJsonContext.Default.StoredSchedule);

    /// <summary>Reads a definition; null where this program can't.</summary>
    public static StoredSchedule? TryRead(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ScheduleJsonContext.Default.StoredSchedule);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The schedule; null where this program can't read a part of it.</summary>
    public JobSchedule? ToSchedule(string queue, string name)
    {
        if (!RetryPolicyText.TryParse(Retry, out var retry))
            return null;
        var traits = JobTraitsText.Parse(Traits);
        return new JobSchedule
        {
            Name = name,
            Cron = Cron,
            TimeZone = TimeZone,
            Misfire = Misfire,
            MisfireGrace = TimeSpan.FromMilliseconds(GraceMs),
            Overlap = Overlap,
            Job = new JobRequest
            {
                Queue = queue,
                Type = Type,
                Payload = Payload,
                Lane = Lane,
                Tracked = Tracked,
                Retry = retry,
                Timeout = TimeoutMs is { } timeout ? TimeSpan.FromMilliseconds(timeout) : null,
                TraceParent = Trace,
                Deduplication = traits?.Deduplication,
                Concurrency = traits?.Concurrency,
                Tags = traits?.Tags ?? [],
                Retention = traits?.Retention,
            },
        };
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredSchedule))]
internal sealed partial class ScheduleJsonContext : JsonSerializerContext;
