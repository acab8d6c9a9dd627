using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Schedules;

/// <summary>What the broker has of a schedule.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Next">Its next time in milliseconds; null for none.</param>
/// <param name="Stored">Its definition; null where it can't be read.</param>
/// <param name="Schedule">What that says; null where it can't be read.</param>
/// <param name="Revision">Changes whenever it is put.</param>
/// <param name="Last">Its last start, <c>&lt;ms&gt;;&lt;id without its queue&gt;</c>; empty for none.</param>
internal sealed record ScheduleRow(string Name, long? Next, StoredSchedule? Stored, JobSchedule? Schedule, string Revision, string Last)
{
    private const int Fields = 5;

    public DateTimeOffset? NextAt => Next is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;

    /// <summary>Reads the answer of schedules.lua.</summary>
    public static (DateTimeOffset Now, IReadOnlyList<ScheduleRow> Rows) Read(string queue, RedisResult reply)
    {
        var parts = (RedisValue[])reply!;
        var rows = new List<ScheduleRow>();
        for (var i = 1; i < parts.Length; i += Fields)
        {
            string name = parts[i]!;
            var stored = StoredSchedule.TryRead(parts[i + 2]!);
            rows.Add(new ScheduleRow(
                name, Milliseconds(parts[i + 1]!), stored, stored?.ToSchedule(queue, name), parts[i + 3]!, parts[i + 4]!));
        }

        return (DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds(parts[0]!) ?? 0), rows);
    }

    public JobScheduleStatus ToStatus(string queue)
    {
        string? problem = null;
        if (Schedule is null)
            problem = "Its definition can't be read: a newer release may have written it. Put it again, or delete it.";
        else
            _ = ScheduleTimes.Of(Schedule, out problem);
        var last = Last.Split(';');
        return new JobScheduleStatus
        {
            Queue = queue,
            Name = Name,
            State = problem is not null ? ScheduleState.Invalid
                : Stored is { Paused: true } ? ScheduleState.Paused
                : Next is null ? ScheduleState.Ended
                : ScheduleState.Active,
            Revision = Revision,
            Schedule = Schedule,
            NextFireAt = NextAt,
            LastFireAt = Milliseconds(last[0]) is { } ms ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null,
            LastJob = JobId.TryCreate(queue, last[^1], out var id) ? id : null,
            Problem = problem,
        };
    }

    private static long? Milliseconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ms) ? (long)ms : null;
}
