using System.Globalization;
using System.Text.RegularExpressions;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>Looks through a queue's jobs, as jobs.lua does: so many places a call, whatever the filter finds there.</summary>
internal sealed partial class RedisJobFinder(RedisServices services, RedisReader reader)
{
    /// <summary>How many jobs a call looks at. Their payloads are read with them by the server, up to 32 KiB each.</summary>
    public const int Looks = 250;

    /// <summary>How many events a call looks at.</summary>
    public const int EventLooks = 2000;

    public async Task<JobPage> FindAsync(string name, JobFilter filter, string? after, int count)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Looks);
        if (after is not null && !PlaceOf(filter.State).IsMatch(after))
            throw new ArgumentException($"'{after}' is no place among {filter.State} jobs.", nameof(after));
        var queue = services.Peek(name);
        var looks = filter.State is JobState.Completed or JobState.Cancelled ? EventLooks : filter.TakesAll ? count : Looks;
        var reply = (RedisValue[])(await services.Connection.EvaluateAsync(
            RedisScript.Jobs, queue.Keys, [filter.State.ToString(), after ?? "", looks]).ConfigureAwait(false))!;
        var next = (string?)reply[0] is { Length: > 0 } place ? place : null;
        var found = new List<JobSnapshot>();
        for (var i = 1; i < reply.Length; i += 3)
        {
            if (EntryHeader.TryParse(name, (string?)reply[i + 1], default) is not { } entry)
                continue;
            var job = Describe(entry, filter.State, reply[i + 2].IsNullOrEmpty ? null : RedisReader.Time(reply[i + 2]));
            if (!filter.Takes(job))
                continue;
            if (found.Count == count)
            {
                next = (string?)reply[i - 3];
                break;
            }

            found.Add(job);
        }

        return new JobPage(await Task.WhenAll(found.Select(WithRecordAsync)).ConfigureAwait(false), next);
    }

    public async Task<JobSelection> FindDeadAsync(string name, DeadLetterFilter filter, string? after, int count)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Looks);
        if (after is not null && !AmongDead().IsMatch(after))
            throw new ArgumentException($"'{after}' is no place among dead letters.", nameof(after));
        var queue = services.Peek(name);
        var parts = after?.Split('-', 2);
        var last = parts is null ? await LastBurialAsync(queue).ConfigureAwait(false) : long.Parse(parts[0], CultureInfo.InvariantCulture);
        var start = parts is not null ? parts[1] : filter.After is { } from ? $"{Math.Max(0, from.ToUnixTimeMilliseconds())}:0" : "";
        if (last is null)
            return new JobSelection([], Next: null);
        var reply = (RedisValue[])(await services.Connection.EvaluateAsync(
            RedisScript.Jobs, queue.Keys, ["Buried", start, filter.IsEmpty ? count : Looks, filter.Error is null ? 0 : 1]).ConfigureAwait(false))!;
        var next = (string?)reply[0] is { Length: > 0 } place ? place : null;
        var found = new List<JobId>();
        for (var i = 1; i < reply.Length; i += 5)
        {
            var buried = RedisReader.Time(reply[i + 2])!.Value;
            if (buried.ToUnixTimeMilliseconds() > last || buried >= filter.Before)
            {
                next = null;
                break;
            }

            if (EntryHeader.TryParse(name, (string?)reply[i + 1], default) is not { } job
                || !filter.Takes(new DeadLetter(job, (string)reply[i + 3]!, (string)reply[i + 4]!, buried)))
            {
                continue;
            }

            if (found.Count == count)
            {
                next = (string?)reply[i - 5];
                break;
            }

            found.Add(job.Id);
        }

        return new JobSelection(found, next is null ? null : string.Create(CultureInfo.InvariantCulture, $"{last}-{next}"));
    }

    private async Task<long?> LastBurialAsync(QueueHandle queue)
    {
        var newest = (RedisValue[])(await services.Connection.ExecuteAsync("ZREVRANGE", (RedisKey)queue.Names.Dead, 0, 0, "WITHSCORES").ConfigureAwait(false))!;
        return newest.Length == 0 ? null : RedisReader.Time(newest[1])!.Value.ToUnixTimeMilliseconds();
    }

    private static JobSnapshot Describe(JobEnvelope job, JobState state, DateTimeOffset? time) => JobSnapshot.Of(job, state) with
    {
        DueAt = state == JobState.Delayed ? time : null,
        FinishedAt = state.IsEnd() ? time : null,
    };

    private async Task<JobSnapshot> WithRecordAsync(JobSnapshot job) => await reader.GetJobAsync(job.Id, withResult: false).ConfigureAwait(false) is { } record
        ? record with { State = job.State, DueAt = job.DueAt, FinishedAt = job.FinishedAt }
        : job;

    private static Regex PlaceOf(JobState state) => state switch
    {
        JobState.Waiting or JobState.Running => InLane(),
        JobState.Delayed or JobState.Parked or JobState.Dead => InSet(),
        _ => InEvents(),
    };

    [GeneratedRegex(@"^[1-4]:[0-9]{1,19}-[0-9]{1,19}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex InLane();

    [GeneratedRegex(@"^[0-9]{1,17}:[0-9A-Z]{1,64}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex InSet();

    [GeneratedRegex(@"^[0-9]{1,17}-[0-9]{1,17}:[0-9A-Z]{1,64}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AmongDead();

    [GeneratedRegex(@"^[0-9]{1,19}-[0-9]{1,19}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex InEvents();
}
