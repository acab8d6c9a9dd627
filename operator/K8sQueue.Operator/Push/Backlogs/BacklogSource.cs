using System.Collections.Concurrent;
using K8sQueue.Core.Redis;
using K8sQueue.Operator.Push.Activation;

namespace K8sQueue.Operator.Push.Backlogs;

/// <summary>One Redis: what was read of it last, and the streams that wait for its queues.</summary>
internal sealed class BacklogSource(IBacklogReader reader, TimeProvider time) : IAsyncDisposable
{
    /// <summary>KEDA asks for the value, for the activity and for the HPA at about the same time: one reading serves them all.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, Reading> _readings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, StreamSubscription> _streams = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task? _loop;
    private long _used = time.GetTimestamp();

    /// <summary>Since when nobody has asked; zero while a stream is open.</summary>
    public TimeSpan Idle => _streams.IsEmpty ? time.GetElapsedTime(Volatile.Read(ref _used)) : TimeSpan.Zero;

    public int Streams => _streams.Count;

    /// <summary>What the queue has to do: as read just now, or as read a moment ago.</summary>
    /// <exception cref="BacklogUnavailableException">It can't be told.</exception>
    public async Task<QueueBacklog> ReadAsync(string queue, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _used, time.GetTimestamp());
        if (_readings.TryGetValue(queue, out var known) && time.GetElapsedTime(known.At) < Fresh)
            return known.Backlog;
        return (await ReadAsync([queue], cancellationToken).ConfigureAwait(false))[0];
    }

    /// <summary>What was read of the queue last, and how long ago.</summary>
    public (QueueBacklog Backlog, TimeSpan Age)? Last(string queue) =>
        _readings.TryGetValue(queue, out var reading) ? (reading.Backlog, time.GetElapsedTime(reading.At)) : null;

    /// <summary>Looks at the queue, often, for as long as the stream's pool is at zero.</summary>
    public IDisposable Add(StreamSubscription stream)
    {
        var id = Guid.NewGuid();
        lock (_gate)
        {
            _streams[id] = stream;
            if (_loop is null or { IsCompleted: true })
                _loop = Task.Run(() => LoopAsync(_stop.Token), CancellationToken.None);
        }

        return new Subscription(() =>
        {
            _streams.TryRemove(id, out _);
            Volatile.Write(ref _used, time.GetTimestamp());
        });
    }

    /// <summary>One look at the queues of the pools at zero. How long to wait until the next.</summary>
    internal async Task<TimeSpan> LookAsync(ReadPace pace, CancellationToken cancellationToken)
    {
        var waiting = _streams.Values.Where(stream => stream.IsWaiting()).ToList();
        if (waiting.Count == 0)
            return ReadPace.Shortest;
        var queues = waiting.Select(stream => stream.Queue).Distinct(StringComparer.Ordinal).ToList();
        var started = time.GetTimestamp();
        try
        {
            await ReadAsync(queues, cancellationToken).ConfigureAwait(false);
            foreach (var stream in waiting)
                stream.Offer(_readings[stream.Queue].Backlog.Jobs > 0);
            return pace.AfterSuccess(time.GetElapsedTime(started));
        }
        catch (BacklogUnavailableException)
        {
            // Not a zero, and no end of the streams. KEDA's own questions get the error.
            return pace.AfterFailure();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task? loop;
        lock (_gate)
            loop = _loop;
        if (loop is not null)
            await loop.ConfigureAwait(false);
        await reader.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task<QueueBacklog[]> ReadAsync(IReadOnlyCollection<string> queues, CancellationToken cancellationToken)
    {
        var backlogs = await reader.ReadAsync(queues, cancellationToken).ConfigureAwait(false);
        var now = time.GetTimestamp();
        foreach (var (queue, backlog) in queues.Zip(backlogs))
            _readings[queue] = new Reading(backlog, now);
        return backlogs;
    }

    private async Task LoopAsync(CancellationToken cancellationToken)
    {
        var pace = new ReadPace();
        try
        {
            while (true)
            {
                lock (_gate)
                {
                    if (_streams.IsEmpty)
                    {
                        _loop = null;
                        return;
                    }
                }

                await Task.Delay(await LookAsync(pace, cancellationToken).ConfigureAwait(false), time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    private sealed record Reading(QueueBacklog Backlog, long At);

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
