using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Faults;

/// <summary>
/// Remembers how long a server's append-only file was, and cuts off what is younger than a given age: what a power cut may take of a file
/// that is synced once a second.
/// </summary>
internal sealed class AofTail : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(200);

    private readonly string _folder;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(long At, string Path, long Length)> _lengths = [];
    private readonly Lock _lock = new();
    private readonly Task _run;

    public AofTail(RedisServer server)
    {
        _folder = Path.Combine(server.DataFolder, "appendonlydir");
        _run = WatchAsync();
    }

    /// <summary>After the server was killed.</summary>
    /// <returns>The time that it forgets, and the bytes that were cut off.</returns>
    public (Amnesia Amnesia, long Bytes) Cut(TimeSpan age)
    {
        var path = Current();
        var before = Clock.Now - Clock.Nanoseconds(age);
        long kept;
        lock (_lock)
            kept = _lengths.LastOrDefault(length => length.Path == path && length.At <= before).Length;
        using var file = File.Open(path, FileMode.Open, FileAccess.Write);
        var cut = file.Length - kept;
        file.SetLength(kept);
        return (AmnesiaOf(age), cut);
    }

    /// <summary>What was done in the time before now; with a margin for the way of an answer, and for its writing down.</summary>
    public static Amnesia AmnesiaOf(TimeSpan age) => new(Clock.Now - Clock.Nanoseconds(age + Margin), Clock.Now + Clock.Nanoseconds(Margin));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private string Current() => Directory.EnumerateFiles(_folder, "*.incr.aof").Order(StringComparer.Ordinal).Last();

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var path = Current();
            lock (_lock)
                _lengths.Add((Clock.Now, path, new FileInfo(path).Length));
            await Task.WhenAny(Clock.WaitAsync(Interval, _stop.Token));
        }
    }
}
