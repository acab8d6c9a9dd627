using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.InMemory;

/// <summary>A queue's deduplication and concurrency keys, and who has them.</summary>
internal sealed class InMemoryKeys(TimeProvider time)
{
    private readonly Dictionary<string, (JobId Holder, DateTimeOffset? Until)> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<JobId>> _slots = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Queue<JobEnvelope>> _parked = new(StringComparer.Ordinal);

    public IEnumerable<JobEnvelope> ParkedJobs => _parked.Values.SelectMany(parked => parked);

    public int Parked => _parked.Values.Sum(q => q.Count);

    /// <summary>Takes a job's deduplication key; the job that has it, which may be the very job, where that is taken.</summary>
    public JobId? Claim(JobId id, JobTraits? traits)
    {
        if (traits?.Deduplication is not { } wanted)
            return null;
        if (_claims.TryGetValue(wanted.Key, out var claim) && !(claim.Until <= time.GetUtcNow()))
            return claim.Holder;
        _claims[wanted.Key] = (id, time.GetUtcNow() + wanted.Window);
        return null;
    }

    /// <summary>Gives back a key that is held until the job is done.</summary>
    public void Disclaim(JobEnvelope job)
    {
        if (job.Traits?.Deduplication is { UntilDone: true } held && _claims.TryGetValue(held.Key, out var claim) && claim.Holder == job.Id)
            _claims.Remove(held.Key);
    }

    /// <summary>
    /// Takes a slot of the job's concurrency key where it has none; parks the job and returns false where there is none left, or others wait for one.
    /// </summary>
    public bool Admit(JobEnvelope job)
    {
        if (job.Traits?.Concurrency is not { } limit)
            return true;
        if (!_slots.TryGetValue(limit.Key, out var slots))
            _slots[limit.Key] = slots = [];
        if (!_parked.TryGetValue(limit.Key, out var parked))
            _parked[limit.Key] = parked = [];
        if (slots.Contains(job.Id) || (parked.Count == 0 && slots.Count < limit.Limit))
        {
            slots.Add(job.Id);
            return true;
        }

        parked.Enqueue(job);
        return false;
    }

    /// <summary>Takes a job out of those that wait for a slot; null where it is none of them.</summary>
    public JobEnvelope? Unpark(JobId id)
    {
        foreach (var (key, parked) in _parked)
        {
            if (parked.FirstOrDefault(j => j.Id == id) is not { } job)
                continue;
            _parked[key] = new Queue<JobEnvelope>(parked.Where(j => j != job));
            return job;
        }

        return null;
    }

    /// <summary>Gives back the slot of a job, which may have stood before others, and answers the parked jobs that may go on, which have one now.</summary>
    public IReadOnlyList<JobEnvelope> Vacate(JobEnvelope job)
    {
        if (job.Traits?.Concurrency is not { } limit || !_slots.TryGetValue(limit.Key, out var slots))
            return [];
        slots.Remove(job.Id);
        var admitted = new List<JobEnvelope>();
        var parked = _parked.GetValueOrDefault(limit.Key);
        while (parked is { Count: > 0 } && slots.Count < parked.Peek().Traits!.Concurrency!.Limit)
        {
            admitted.Add(parked.Dequeue());
            slots.Add(admitted[^1].Id);
        }

        return admitted;
    }
}
