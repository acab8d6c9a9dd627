using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.InMemory;

/// <summary>The batches of all queues. Every call is made under <see cref="InMemoryJobQueue.Gate"/>.</summary>
internal sealed class InMemoryBatches(InMemoryJobQueue queues)
{
    private readonly Dictionary<BatchId, Entry> _batches = [];

    public void Put(PlannedBatch batch) => _batches[batch.Id] = new Entry(batch, queues.Time.GetUtcNow());

    /// <summary>Tells a job's batch that it has ended.</summary>
    public void End(JobEnvelope job, bool succeeded)
    {
        if (job.Traits?.MemberOf is { } batch)
            End(batch, job.Id, succeeded);
    }

    public BatchStatus? Get(BatchId id, int offset, int count)
    {
        if (Find(id) is not { } entry)
            return null;
        return new BatchStatus
        {
            Id = id,
            Total = entry.Batch.Jobs.Count,
            Open = entry.Open.Count,
            Failed = entry.Failed.Count,
            CreatedAt = entry.CreatedAt,
            EndedAt = entry.EndedAt,
            IsSealed = true,
            OnComplete = entry.Batch.OnComplete?.Id,
            OnSuccess = entry.Batch.OnSuccess?.Id,
            SuccessCalled = entry.SuccessCalled,
            CallbackMemberOf = (entry.SuccessCalled ? null : entry.Batch.OnSuccess?.Request.MemberOf) ?? (entry.EndedAt is null ? entry.Batch.OnComplete?.Request.MemberOf : null),
            Jobs =
            [
                .. entry.Batch.Jobs.Skip(offset).Take(count).Select(job => new BatchJob(
                    job,
                    entry.Open.Contains(job) ? BatchJobState.Open : entry.Failed.Contains(job) ? BatchJobState.Failed : BatchJobState.Succeeded,
                    queues.Queue(job.Queue).GetRecord(job))),
            ],
        };
    }

    private void End(BatchId id, JobId job, bool succeeded)
    {
        if (Find(id) is not { } entry || (!entry.Open.Remove(job) && !(succeeded && entry.Failed.Remove(job))))
            return;
        if (!succeeded)
            entry.Failed.Add(job);
        if (entry.Open.Count > 0)
            return;
        if (entry.EndedAt is null)
        {
            entry.EndedAt = queues.Time.GetUtcNow();
            Call(entry.Batch.OnComplete);

            // The job for success does not run unless a failed one is completed later: whoever waits for it hears so.
            if (entry.Failed.Count > 0 && entry.Batch.OnSuccess is { Request.MemberOf: { } outer } waiting)
                End(outer, waiting.Id, succeeded: false);
        }

        if (entry.Failed.Count == 0 && !entry.SuccessCalled)
        {
            entry.SuccessCalled = entry.Batch.OnSuccess is not null;
            Call(entry.Batch.OnSuccess);
        }
    }

    private void Call(PlannedJob? job)
    {
        if (job is not null)
            queues.Queue(job.Id.Queue).Enqueue(job.Request, job.Id);
    }

    private Entry? Find(BatchId id)
    {
        if (!_batches.TryGetValue(id, out var entry))
            return null;
        if (!(queues.Time.GetUtcNow() - entry.EndedAt >= BatchLimits.Retention))
            return entry;
        _batches.Remove(id);
        return null;
    }

    private sealed class Entry(PlannedBatch batch, DateTimeOffset createdAt)
    {
        public PlannedBatch Batch => batch;

        public DateTimeOffset CreatedAt => createdAt;

        public HashSet<JobId> Open { get; } = [.. batch.Jobs];

        public HashSet<JobId> Failed { get; } = [];

        public DateTimeOffset? EndedAt { get; set; }

        public bool SuccessCalled { get; set; }
    }
}
