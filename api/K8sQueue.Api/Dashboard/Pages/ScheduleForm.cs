using System.Text;
using System.Text.Json;
using K8sQueue.Api.Dashboard.Masking;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Makes a schedule of what was written into the form: as the JSON that the API takes, so that one reader checks both.</summary>
internal static class ScheduleForm
{
    /// <summary>How many of its next times are shown before it is saved.</summary>
    private const int ShownTimes = 5;

    /// <summary>What the form says; of what it does not show, what the schedule had.</summary>
    /// <param name="input">The form.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="before">The schedule that is changed; null for a new one.</param>
    /// <param name="mask">What hid members of its payload.</param>
    /// <param name="limit">The largest payload.</param>
    /// <exception cref="ProblemException">It is not acceptable; the problem says why and where.</exception>
    /// <exception cref="ArgumentException">It is not acceptable.</exception>
    public static JobSchedule Read(ScheduleInput input, string queue, JobSchedule? before, PayloadMask mask, PayloadLimit limit)
    {
        ScheduleReader.RequireName(input.Name);
        var kept = before?.Job;
        var isStill = kept is not null && ShownPayload.Of(kept.Payload, mask) is var shown && (shown is not { IsJson: true } || shown.IsStill(input.Job.Payload));
        var payload = kept is null || isStill ? input.Job.Payload : Restore(input.Job.Payload, kept.Payload, mask);
        var keepsTags = kept is not null && input.Job.Tags == ScheduleInput.TextOf(kept.Tags);
        var job = input.Job with { Payload = isStill ? "null" : payload, Tags = keepsTags ? "" : input.Job.Tags };
        var schedule = ScheduleReader.Read(ToJson(input with { Job = job }), queue, input.Name, limit);
        if (kept is not null)
        {
            schedule = schedule with
            {
                Job = schedule.Job with
                {
                    Payload = isStill ? kept.Payload : schedule.Job.Payload,
                    Tags = keepsTags ? kept.Tags : schedule.Job.Tags,
                    Tracked = kept.Tracked,
                    Retry = kept.Retry with { MaxAttempts = schedule.Job.Retry.MaxAttempts },
                    Deduplication = kept.Deduplication,
                    Concurrency = kept.Concurrency,
                    Retention = kept.Retention,
                },
            };
        }

        schedule.ThrowIfInvalid();
        return schedule;
    }

    /// <summary>The next times of a valid schedule, as the clocks of its zone show them.</summary>
    public static IReadOnlyList<DateTimeOffset> NextTimes(JobSchedule schedule, DateTimeOffset now)
    {
        var found = new List<DateTimeOffset>();
        if (ScheduleTimes.Of(schedule, out _) is not { } times || !ScheduleZone.TryFind(schedule.TimeZone, out var zone))
            return found;
        for (var after = now; found.Count < ShownTimes && times.Next(after) is { } next; after = next)
            found.Add(TimeZoneInfo.ConvertTime(next, zone));
        return found;
    }

    private static string Restore(string edited, ReadOnlyMemory<byte> original, PayloadMask mask)
    {
        try
        {
            return Encoding.UTF8.GetString(mask.Restore(edited, original));
        }
        catch (FormatException e)
        {
            throw new ProblemException(new Problem(ProblemTypes.InvalidSchedule, e.Message) { Field = "job.payload" });
        }
    }

    private static byte[] ToJson(ScheduleInput input)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("cron", input.Cron.Trim());
            writer.WriteString("timeZone", input.TimeZone.Trim());
            writer.WriteString("misfire", input.Misfire);
            EnqueueForm.WriteNumber(writer, "graceSeconds", input.GraceSeconds);
            writer.WriteString("overlap", input.Overlap);
            writer.WritePropertyName("job");
            EnqueueForm.Write(writer, input.Job);
            writer.WriteEndObject();
        }

        return stream.ToArray();
    }
}
