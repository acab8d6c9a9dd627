using System.Globalization;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>The form that makes a schedule, or changes one.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="Input">What is in its fields.</param>
public sealed record ScheduleModel(string Queue, ScheduleInput Input)
{
    /// <summary>The schedule that is changed; null where one is made.</summary>
    public string? Name { get; init; }

    /// <summary>The revision of the schedule when the form was opened; null where one is made.</summary>
    public string? Seen { get; init; }

    /// <summary>Whether it is another one by now than was shown.</summary>
    public bool IsStale { get; init; }

    /// <summary>Whether the payload can't be edited here, and stays what it is.</summary>
    public bool KeepsPayload { get; init; }

    /// <summary>What was wrong; null where nothing was.</summary>
    public string? Error { get; init; }

    /// <summary>The field that was wrong, where one was.</summary>
    public string? Field { get; init; }

    /// <summary>Its next times, as the clocks of its zone show them; null where they were not asked for, or something is wrong.</summary>
    public IReadOnlyList<DateTimeOffset>? Times { get; init; }
}

/// <summary>What was written into the form.</summary>
public sealed record ScheduleInput
{
    public string Name { get; init; } = "";

    public string Cron { get; init; } = "";

    public string TimeZone { get; init; } = "UTC";

    public string Misfire { get; init; } = "fireOnce";

    public string GraceSeconds { get; init; } = "";

    public string Overlap { get; init; } = "allow";

    public EnqueueInput Job { get; init; } = new();

    /// <summary>What its next times depend on.</summary>
    public string Calendar => $"{Cron.Trim()} {TimeZone.Trim()}";

    /// <summary>Tags as the form shows them. One with a comma is several when it is read.</summary>
    internal static string TextOf(IReadOnlyList<string> tags) => string.Join(", ", tags);

    internal static ScheduleInput From(IFormCollection form) => new()
    {
        Name = form["name"].ToString().Trim(),
        Cron = form["cron"].ToString(),
        TimeZone = form["timeZone"].ToString(),
        Misfire = form["misfire"].ToString(),
        GraceSeconds = form["graceSeconds"].ToString(),
        Overlap = form["overlap"].ToString(),
        Job = EnqueueInput.From(form) with { DelaySeconds = "", DeduplicationKey = "" },
    };

    internal static ScheduleInput From(JobSchedule schedule, PayloadMask mask)
    {
        var job = schedule.Job;
        return new ScheduleInput
        {
            Name = schedule.Name,
            Cron = schedule.Cron,
            TimeZone = schedule.TimeZone,
            Misfire = Name(schedule.Misfire),
            GraceSeconds = Seconds(schedule.MisfireGrace),
            Overlap = Name(schedule.Overlap),
            Job = new EnqueueInput
            {
                Type = job.Type,
                Payload = ShownPayload.Of(job.Payload, mask).Text ?? "",
                Priority = Name(job.Lane),
                MaxAttempts = job.Retry.MaxAttempts.ToString(CultureInfo.InvariantCulture),
                TimeoutSeconds = job.Timeout is { } timeout ? Seconds(timeout) : "",
                Tags = TextOf(job.Tags),
            },
        };

        static string Name<T>(T value)
            where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(value.ToString());

        static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
    }
}
