using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.InMemory;

/// <content>Looking through its jobs. A place is the job that follows, and how many stand before it, should that be gone.</content>
internal sealed partial class InMemoryQueue
{
    public JobPage Find(JobFilter filter, string? after, int count)
    {
        var (skipped, ulid) = PlaceOf(filter.State, after);
        var all = All(filter.State).ToList();
        if (all.FindIndex(job => job.Id.Ulid == ulid) is >= 0 and var place)
            skipped = place;
        var found = new List<JobSnapshot>();
        for (var i = skipped; i < all.Count; i++)
        {
            if (!filter.Takes(all[i]))
                continue;
            if (found.Count == count)
                return new JobPage(found, string.Create(CultureInfo.InvariantCulture, $"{i}:{all[i].Id.Ulid}"));
            found.Add(all[i] with { Result = null });
        }

        return new JobPage(found, Next: null);
    }

    public JobSelection FindDead(DeadLetterFilter filter, string? after, int count)
    {
        var (last, seen) = after is null ? (_totals.BuriedTotal, 0) : AmongDead(after);
        var found = new List<JobId>();
        foreach (var (number, letter) in _dead.Where(dead => dead.Number > seen && dead.Number <= last))
        {
            if (filter.Takes(letter) && found.Count == count)
                return new JobSelection(found, string.Create(CultureInfo.InvariantCulture, $"{last}-{seen}"));
            if (filter.Takes(letter))
                found.Add(letter.Job.Id);
            seen = number;
        }

        return new JobSelection(found, Next: null);
    }

    public int Drain(bool delayed, int max)
    {
        JobState[] states = delayed ? [JobState.Delayed, JobState.Parked, JobState.Waiting] : [JobState.Parked, JobState.Waiting];
        var ended = 0;
        foreach (var job in states.SelectMany(All).Take(max).ToList())
        {
            if (TakeWaiting(job.Id) is not { } taken)
                continue;
            Cancelled(taken);
            ended++;
        }

        return ended;
    }

    private static (long Last, long Seen) AmongDead(string after) =>
        after.Split('-') is [var last, var seen]
        && long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var lastNumber)
        && long.TryParse(seen, NumberStyles.None, CultureInfo.InvariantCulture, out var seenNumber)
            ? (lastNumber, seenNumber)
            : throw new ArgumentException($"'{after}' is no place among dead letters.", nameof(after));

    private static (int Skipped, string Ulid) PlaceOf(JobState state, string? after)
    {
        if (after is null)
            return (0, "");
        var parts = after.Split(':');
        return parts.Length == 2 && parts[1].All(char.IsAsciiLetterOrDigit)
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var skipped)
            ? (skipped, parts[1])
            : throw new ArgumentException($"'{after}' is no place among {state} jobs.", nameof(after));
    }

    private IEnumerable<JobSnapshot> All(JobState state) => state switch
    {
        JobState.Waiting => LaneOrder.Usual.SelectMany(lane => _waiting[(int)lane]).Select(entry => Describe(entry.Job, state)),
        JobState.Running => _owned.Values.Select(entry => Describe(entry.Job, state)),
        JobState.Delayed => _delayed.Select(delayed => Describe(delayed.Value, state) with { DueAt = delayed.Key.Due }),
        JobState.Parked => _keys.ParkedJobs.Select(job => Describe(job, state)),
        JobState.Dead => Enumerable.Reverse(_dead).Select(dead => Describe(dead.Letter.Job, state) with { FinishedAt = dead.Letter.BuriedAt }),
        _ => _records.Ended(state),
    };

    private JobSnapshot Describe(JobEnvelope job, JobState state) =>
        _records.Get(job.Id) is { } record ? record with { State = state } : JobSnapshot.Of(job, state);
}
