using System.Globalization;
using K8sQueue.Core.Jobs;

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
        JobState.Dead => Enumerable.Reverse(_dead).Select(letter => Describe(letter.Job, state) with { FinishedAt = letter.BuriedAt }),
        _ => _records.Ended(state),
    };

    private JobSnapshot Describe(JobEnvelope job, JobState state) =>
        _records.Get(job.Id) is { } record ? record with { State = state } : JobSnapshot.Of(job, state);
}
