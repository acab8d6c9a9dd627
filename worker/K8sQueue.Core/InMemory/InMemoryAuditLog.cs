using K8sQueue.Core.Audit;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.InMemory;

/// <summary>What was done to the queues of one process.</summary>
internal sealed class InMemoryAuditLog(TimeProvider time) : IAuditLog
{
    private readonly Lock _gate = new();
    private readonly Queue<AuditEntry> _entries = new();
    private JobEventId _last;

    public ValueTask AddAsync(AuditAct act, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(act);
        lock (_gate)
        {
            _last = JobEventId.Next(_last, time.GetUtcNow());
            _entries.Enqueue(new AuditEntry(_last, act));
            if (_entries.Count > IAuditLog.MaxEntries)
                _entries.Dequeue();
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyList<AuditEntry>> ListAsync(JobEventId? before, int count, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<IReadOnlyList<AuditEntry>>(
                [.. _entries.Reverse().Where(entry => before is not { } end || entry.Id < end).Take(count)]);
        }
    }
}
