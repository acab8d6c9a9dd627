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
        await WriteAsync(queue, marks.Select(mark => (TrendSlots.PlaceOf(span, mark.Step), TrendSlots.Write(mark)))).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<TrendMark>> ReadAsync(string? queue, TrendSpan span, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(span);
        return TrendSlots.Read(await ReadAsync(queue, TrendSlots.StartOf(span), TrendSlots.LengthOf(span)).WaitAsync(cancellationToken).ConfigureAwait(false));
    }

    public async ValueTask WriteWaitsAsync(string? queue, TrendSpan span, WaitMark mark, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(span);
        cancellationToken.ThrowIfCancellationRequested();
        await WriteAsync(queue, [(WaitSlots.PlaceOf(span, mark.Step), WaitSlots.Write(mark))]).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<IReadOnlyList<WaitMark>> ReadWaitsAsync(string? queue, TrendSpan span, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(span);
        return WaitSlots.Read(await ReadAsync(queue, WaitSlots.StartOf(span), WaitSlots.LengthOf(span)).WaitAsync(cancellationToken).ConfigureAwait(false));
    }

    private async Task WriteAsync(string? queue, IEnumerable<(int Place, byte[] Slot)> slots)
    {
        var key = KeyOf(queue);
        var writes = slots.Select(slot => services.Connection.ExecuteAsync("SETRANGE", key, slot.Place, slot.Slot)).ToList();
        writes.Add(services.Connection.ExecuteAsync("PEXPIRE", key, EntryHeader.Milliseconds(Retention)));
        await Task.WhenAll(writes).ConfigureAwait(false);
    }

    private async Task<byte[]?> ReadAsync(string? queue, int start, int length) =>
        (byte[]?)await services.Connection.ExecuteAsync("GETRANGE", KeyOf(queue), start, start + length - 1).ConfigureAwait(false);

    private RedisKey KeyOf(string? queue) => queue is null ? RedisKeys.AllTrends : services.Peek(queue).Names.Trends;
}
