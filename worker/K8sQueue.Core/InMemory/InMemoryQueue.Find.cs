using System.Globalization;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.InMemory;

/// <content>Looking through its jobs. A place is how many stand before it.</content>
internal sealed partial class InMemoryQueue
{
    public JobPage Find(JobFilter filter, string? after, int count)
    {
        var skipped = 0;
        if (after is not null && !int.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out skipped))
            throw new ArgumentException($"'{after}' is no place among {filter.State} jobs.", nameof(after));
        var all = All(filter.State).ToList();
        var found = new List<JobSnapshot>();
        for (var i = skipped; i < all.Count; i++)
        {
            if (!filter.Takes(all[i].Type, all[i].Traits))
                continue;
            if (found.Count == count)
                return new JobPage(found, i.ToString(CultureInfo.InvariantCulture));
            found.Add(all[i] with { Result = null });
        }

        return new JobPage(found, Next: null);
    }

    private IEnumerable<JobSnapshot> All(JobState state) => state switch
    {
        JobState.Waiting => LaneOrder.Normal.SelectMany(lane => _waiting[(int)lane]).Select(entry => Describe(entry.Job, state)),
        JobState.Running => _owned.Values.Select(entry => Describe(entry.Job, state)),
        JobState.Delayed => _delayed.Select(delayed => Describe(delayed.Value, state) with { DueAt = delayed.Key.Due }),
        JobState.Parked => _keys.ParkedJobs.Select(job => Describe(job, state)),
        JobState.Dead => Enumerable.Reverse(_dead).Select(letter => Describe(letter.Job, state) with { FinishedAt = letter.BuriedAt }),
        _ => _records.Ended(state),
    };

    private JobSnapshot Describe(JobEnvelope job, JobState state) =>
        _records.Get(job.Id) is { } record ? record with { State = state } : JobSnapshot.Of(job, state);
}
