using System.Text.Json;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Validation;

/// <summary>Reads one schedule from its JSON.</summary>
internal static class ScheduleReader
{
    private const string Known = "cron, timeZone, misfire, graceSeconds, overlap, job";
    private const int Levels = 2;

    /// <exception cref="ProblemException">The schedule is not acceptable; the problem says why and where.</exception>
    public static JobSchedule Read(ReadOnlySpan<byte> json, string queue, string name, PayloadLimit limit)
    {
        try
        {
            return JobRequestReader.ReadDocument(
                json, (ref Utf8JsonReader reader, ReadOnlySpan<byte> text) => ReadFields(ref reader, text, queue, name, limit), Levels);
        }
        catch (ProblemException e) when (e.Problem.Type == ProblemTypes.InvalidJob)
        {
            throw new ProblemException(e.Problem with { Type = ProblemTypes.InvalidSchedule });
        }
    }

    /// <exception cref="ProblemException">The name breaks <see cref="ScheduleLimits.NameRule"/>.</exception>
    public static void RequireName(string name)
    {
        if (!ScheduleLimits.IsName(name))
        {
            throw new ProblemException(new Problem(ProblemTypes.InvalidSchedule, $"A schedule's name has {ScheduleLimits.NameRule}.")
            {
                Field = "name",
            });
        }
    }

    private static JobSchedule ReadFields(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string queue, string name, PayloadLimit limit)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonFields.Invalid(null, $"A schedule is a JSON object, not {JsonFields.Describe(reader.TokenType)}.");
        var schedule = new JobSchedule { Name = name, Cron = "", Job = new JobRequest { Queue = queue, Type = "" } };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (JsonFields.NextName(ref reader, prefix: null, seen, out var field))
        {
            schedule = field switch
            {
                "cron" => schedule with { Cron = ReadCron(ref reader) },
                "timeZone" => schedule with { TimeZone = ReadTimeZone(ref reader) },
                "misfire" => schedule with { Misfire = ReadMisfire(ref reader) },
                "graceSeconds" => schedule with
                {
                    MisfireGrace = JsonFields.Seconds(ref reader, field, 0, JobLimits.MaxDelay.TotalSeconds) ?? ScheduleLimits.DefaultGrace,
                },
                "overlap" => schedule with { Overlap = ReadOverlap(ref reader) },
                "job" => schedule with { Job = ReadJob(ref reader, json, queue, limit) },
                _ => throw JsonFields.Unknown(field, Known),
            };
        }

        foreach (var required in (ReadOnlySpan<string>)["cron", "job"])
        {
            if (!seen.Contains(required))
                throw JsonFields.Invalid(required, $"'{required}' is required.");
        }

        if (schedule.Overlap == ScheduleOverlap.Skip && schedule.Job.Deduplication is not null)
        {
            throw JsonFields.Invalid(
                "job.deduplication", "'job.deduplication' can't be given where 'overlap' is skip: the schedule has a deduplication key of its own then.");
        }

        return schedule;
    }

    private static string ReadCron(ref Utf8JsonReader reader)
    {
        var text = JsonFields.String(ref reader, "cron");
        return CronText.TryParse(text, out _, out var trouble) ? text! : throw JsonFields.Invalid("cron", trouble);
    }

    private static string ReadTimeZone(ref Utf8JsonReader reader)
    {
        var name = JsonFields.String(ref reader, "timeZone") ?? "UTC";
        return ScheduleZone.TryFind(name, out _) ? name : throw JsonFields.Invalid("timeZone", ScheduleZone.Unknown(name));
    }

    private static MisfirePolicy ReadMisfire(ref Utf8JsonReader reader) => JsonFields.String(ref reader, "misfire") switch
    {
        null or "fireOnce" => MisfirePolicy.FireOnce,
        "skip" => MisfirePolicy.Skip,
        "fireAll" => MisfirePolicy.FireAll,
        _ => throw JsonFields.Invalid("misfire", "'misfire' must be fireOnce, skip or fireAll."),
    };

    private static ScheduleOverlap ReadOverlap(ref Utf8JsonReader reader) => JsonFields.String(ref reader, "overlap") switch
    {
        null or "allow" => ScheduleOverlap.Allow,
        "skip" => ScheduleOverlap.Skip,
        _ => throw JsonFields.Invalid("overlap", "'overlap' must be allow or skip."),
    };

    private static JobRequest ReadJob(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string queue, PayloadLimit limit)
    {
        var job = JobRequestReader.ReadNested(ref reader, json, "job", queue, traceParent: null, limit);
        if (job.Delay != TimeSpan.Zero)
            throw JsonFields.Invalid("job.delaySeconds", "'job.delaySeconds' can't be given: the job starts when its schedule is due.");
        if (job.Payload.Length > ScheduleLimits.MaxPayloadBytes)
        {
            throw new ProblemException(new Problem(
                ProblemTypes.TooLarge, $"'job.payload' has {job.Payload.Length} bytes; the limit of a schedule is {ScheduleLimits.MaxPayloadBytes}.")
            { Field = "job.payload" });
        }

        return job;
    }
}
