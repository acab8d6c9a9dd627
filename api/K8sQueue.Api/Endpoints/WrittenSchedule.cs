using System.Text.Json;
using K8sQueue.Api.Contracts;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Schedules;

namespace K8sQueue.Api.Endpoints;

/// <summary>A schedule that was just put, and what is read of it then: between the two, others may put another one in its place, or delete it.</summary>
internal static class WrittenSchedule
{
    /// <summary>Whether what is read says what was put.</summary>
    public static bool Is(JobSchedule put, JobSchedule? read) => read is not null && Text(put).AsSpan().SequenceEqual(Text(read));

    /// <summary>The schedule as it was put, where there is no reading it any more.</summary>
    public static JobScheduleStatus StatusOf(JobSchedule put) =>
        new() { Queue = put.Job.Queue, Name = put.Name, State = ScheduleState.Active, Revision = "", Schedule = put };

    private static byte[] Text(JobSchedule schedule) =>
        JsonSerializer.SerializeToUtf8Bytes(ScheduleDocument.From(StatusOf(Kept(schedule))), ApiJsonContext.Default.ScheduleDocument);

    // As brokers keep it: in whole milliseconds, with a jitter of three digits, and of a custom backoff only its delays.
    private static JobSchedule Kept(JobSchedule schedule)
    {
        var (job, retry) = (schedule.Job, schedule.Job.Retry);
        var isCustom = retry.Backoff == BackoffKind.Custom;
        return schedule with
        {
            MisfireGrace = Kept(schedule.MisfireGrace),
            Job = job with
            {
                Timeout = Kept(job.Timeout),
                Retention = Kept(job.Retention),
                Deduplication = job.Deduplication is { } key ? key with { Window = Kept(key.Window) } : null,
                Retry = retry with
                {
                    Delay = isCustom ? TimeSpan.Zero : Kept(retry.Delay),
                    MaxDelay = isCustom ? TimeSpan.Zero : Kept(retry.MaxDelay),
                    Jitter = Math.Round(retry.Jitter * 1000),
                    Delays = [.. retry.Delays.Select(Kept)],
                },
            },
        };
    }

    private static TimeSpan? Kept(TimeSpan? time) => time is { } some ? Kept(some) : null;

    private static TimeSpan Kept(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));
}
