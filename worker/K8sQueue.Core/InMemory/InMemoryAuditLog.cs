using K8sQueue.Core.Audit;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.InMemory;

/// <summary>What was done to the queues of one process.</summary>
internal sealed class InMemoryAuditLog(TimeProvider time) : IAuditLog
{
    private readonly Lock _gate = new();
    private readonly Queue<AuditEntry> _entries = new();
    private readonly Dictionary<string, DateTimeOffset> _uses = new(StringComparer.Ordinal);
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

    public ValueTask NoteUsesAsync(IReadOnlyDictionary<string, DateTimeOffset> uses, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(uses);
        lock (_gate)
        {
            foreach (var (name, at) in uses)
                _uses[name] = at;
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<IReadOnlyDictionary<string, DateTimeOffset>> ReadUsesAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return ValueTask.FromResult<IReadOnlyDictionary<string, DateTimeOffset>>(new Dictionary<string, DateTimeOffset>(_uses, StringComparer.Ordinal));
    }
}
