using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>
/// Looks what a consumer's queues have (look.lua). A look is small for the server, but not nothing where the queues are many: it has so much time between
/// two looks. Jobs that were seen are fetched meanwhile, and a consumer whose queues are idle waits with a blocking read, for which no time is set.
/// </summary>
internal sealed class QueueLook
{
    private const int QueuesAScript = 250;

    private static readonly TimeSpan IntervalAQueue = TimeSpan.FromMicroseconds(50);
    private static readonly TimeSpan LeastDelay = TimeSpan.FromMilliseconds(1);

    private readonly RedisServices _services;
    private readonly RedisKey[][] _keys;
    private readonly TimeSpan _interval;
    private readonly int _queues;
    private long? _at;

    public QueueLook(RedisServices services, QueueHandle[] queues)
    {
        _services = services;
        _queues = queues.Length;
        _interval = queues.Length * IntervalAQueue;
        _keys = [.. queues.Select(q => (RedisKey)q.Names.Paused).Chunk(QueuesAScript)];
    }

    /// <summary>Whether a look may be taken. A consumer of one queue looks by fetching.</summary>
    public bool IsDue => _queues > 1 && Left < LeastDelay;

    private TimeSpan Left => _at is { } at ? _interval - _services.Time.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>Waits until a look may be taken, or <paramref name="stop"/> completes.</summary>
    public async Task WaitAsync(Task stop)
    {
        if (Left is var left && left >= LeastDelay)
            await Task.WhenAny(stop, Task.Delay(left, _services.Time, CancellationToken.None)).ConfigureAwait(false);
    }

    /// <summary>What each queue has.</summary>
    public async Task<FoundQueue[]> TakeAsync()
    {
        _at = _services.Time.GetTimestamp();
        var replies = await Task.WhenAll(_keys.Select(keys => _services.Connection.EvaluateAsync(RedisScript.Look, keys, []))).ConfigureAwait(false);
        var found = new FoundQueue[_queues];
        for (var part = 0; part < replies.Length; part++)
        {
            var values = (RedisValue[])replies[part]!;
            for (var i = 0; i < values.Length; i += 3)
                found[(part * QueuesAScript) + (int)values[i] - 1] = new FoundQueue((long)values[i + 1], (FetchState)(int)values[i + 2]);
        }

        return found;
    }
}
