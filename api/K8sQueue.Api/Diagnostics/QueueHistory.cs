using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Diagnostics;

/// <summary>The queues' counts of the last minutes, so that what grows can be told. Each replica has its own.</summary>
internal sealed class QueueHistory(TimeProvider time)
{
    /// <summary>How far back it goes.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(10);

    /// <summary>How often a sample is kept.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Queue<(long At, IReadOnlyDictionary<string, QueueStatistics> Queues)> _samples = new();
    private long? _keptAt;

    /// <summary>Takes over a sample, where the last one that was kept is old enough.</summary>
    public void Add(IReadOnlyList<QueueStatistics> queues)
    {
        lock (_lock)
        {
            if (_keptAt is { } at && time.GetElapsedTime(at) < Step)
                return;
            var now = time.GetTimestamp();
            _keptAt = now;
            _samples.Enqueue((now, queues.ToDictionary(queue => queue.Queue, StringComparer.Ordinal)));
            while (time.GetElapsedTime(_samples.Peek().At, now) > Span)
                _samples.Dequeue();
        }
    }

    /// <summary>A queue's counts as long ago as is known, and how long that is; nothing of one that is new.</summary>
    public (QueueStatistics? Counts, TimeSpan Ago) Before(string queue)
    {
        lock (_lock)
        {
            foreach (var (at, queues) in _samples)
            {
                if (queues.TryGetValue(queue, out var counts))
                    return (counts, time.GetElapsedTime(at));
            }

            return default;
        }
    }
}
