using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.InMemory;

/// <summary>The records of tracked jobs. Finished ones expire.</summary>
internal sealed class InMemoryRecords(InMemoryQueueOptions options, TimeProvider time)
{
    // A cancelled job is kept with its record, so that it may run again.
    private readonly Dictionary<JobId, (JobSnapshot Job, DateTimeOffset? Expires, JobEnvelope? Cancelled)> _records = [];

    public JobSnapshot? Get(JobId id)
    {
        if (!_records.TryGetValue(id, out var record))
            return null;
        if (!(record.Expires <= time.GetUtcNow()))
            return record.Job;
        _records.Remove(id);
        return null;
    }

    /// <summary>The records of a state that jobs end in, newest first.</summary>
    public IEnumerable<JobSnapshot> Ended(JobState state) => _records.Values
        .Where(record => record.Job.State == state && !(record.Expires <= time.GetUtcNow()))
        .Select(record => record.Job).OrderByDescending(job => job.FinishedAt);

    /// <summary>The job that was cancelled; null where none of this id was, or its record has expired.</summary>
    public JobEnvelope? Cancelled(JobId id) => Get(id) is null ? null : _records[id].Cancelled;

    public void Delete(JobId id) => _records.Remove(id);

    public void Add(JobEnvelope job, JobState state)
    {
        if (job.Id.IsTracked)
            _records[job.Id] = (JobSnapshot.Of(job, state), null, null);
    }

    public void Started(JobEnvelope job, string consumer) =>
        Update(job, r => r with { State = JobState.Running, StartedAt = time.GetUtcNow(), Consumer = consumer });

    public void Waits(JobEnvelope job, JobState state, string? error) =>
        Update(job, r => r with { State = state, Error = error ?? r.Error, Progress = state == JobState.Waiting ? null : r.Progress });

    public void Progressed(JobEnvelope job, double share, string? note) =>
        Update(job, r => r with { Progress = new JobProgress(share, note, time.GetUtcNow()) });

    public void Completed(JobEnvelope job, ReadOnlyMemory<byte>? result) =>
        Update(
            job,
            r => r with { State = JobState.Completed, FinishedAt = time.GetUtcNow(), Result = result is { IsEmpty: false } given ? given.ToArray() : default(ReadOnlyMemory<byte>?) },
            job.Traits?.Retention ?? options.CompletedRetention);

    public void Died(JobEnvelope job, string error) =>
        Update(job, r => r with { State = JobState.Dead, FinishedAt = time.GetUtcNow(), Error = error }, options.DeadRetention);

    public void Cancelled(JobEnvelope job) => Update(
        job, r => r with { State = JobState.Cancelled, FinishedAt = time.GetUtcNow() }, job.Traits?.Retention ?? options.CompletedRetention, cancelled: job);

    private void Update(JobEnvelope job, Func<JobSnapshot, JobSnapshot> change, TimeSpan? keep = null, JobEnvelope? cancelled = null)
    {
        if (!_records.TryGetValue(job.Id, out var record))
            return;
        var next = change(record.Job) with { Attempt = job.Attempt, Crashes = job.Crashes, Epoch = job.Epoch };
        _records[job.Id] = (next, keep is { } span ? time.GetUtcNow() + span : null, cancelled);
    }
}
