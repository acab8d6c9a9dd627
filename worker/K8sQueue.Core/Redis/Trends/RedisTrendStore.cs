using K8sQueue.Core.Trends;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Trends;

/// <summary>Trends in a string a queue, of which a slot is written or a ring is read. It expires a day after the last write is older than all that it shows.</summary>
internal sealed class RedisTrendStore(RedisServices services) : ITrendStore
{
    private static readonly TimeSpan Retention = TimeSpan.FromDays(8);

    public async ValueTask WriteAsync(string? queue, TrendSpan span, IReadOnlyList<TrendMark> marks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(span);
        ArgumentNullException.ThrowIfNull(marks);
        cancellationToken.ThrowIfCancellationRequested();
        if (marks.Count == 0)
            return;
        var key = KeyOf(queue);
        var writes = marks.Select(mark => services.Connection.ExecuteAsync("SETRANGE", key, TrendSlots.PlaceOf(span, mark.Step), TrendSlots.Write(mark))).ToList();
        writes.Add(services.Connection.ExecuteAsync("PEXPIRE", key, EntryHeader.Milliseconds(Retention)));
        await Task.WhenAll(writes).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<TrendMark>> ReadAsync(string? queue, TrendSpan span, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(span);
        var start = TrendSlots.StartOf(span);
        var ring = (byte[]?)await services.Connection.ExecuteAsync("GETRANGE", KeyOf(queue), start, start + TrendSlots.LengthOf(span) - 1)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        return TrendSlots.Read(ring);
    }

    private RedisKey KeyOf(string? queue) => queue is null ? RedisKeys.AllTrends : services.Peek(queue).Names.Trends;
}
