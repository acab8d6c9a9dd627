using System.Collections.Concurrent;
using K8sQueue.Core.Redis;
using K8sQueue.Operator.Push.Activation;

namespace K8sQueue.Operator.Push.Backlogs;

/// <summary>One Redis: what was read of it last, and the streams that wait for its queues.</summary>
internal sealed partial class BacklogSource(IBacklogReader reader, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>KEDA asks for the value, for the activity and for the HPA at about the same time: one reading serves them all.</summary>
    public static readonly TimeSpan Fresh = TimeSpan.FromMilliseconds(250);

    private readonly ConcurrentDictionary<string, Reading> _readings = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Guid, StreamSubscription> _streams = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private Task? _loop;
    private bool _isClosed;
    private long _used = time.GetTimestamp();

    /// <summary>Since when nobody has asked; zero while a stream is open.</summary>
    public TimeSpan Idle => _streams.IsEmpty ? time.GetElapsedTime(Volatile.Read(ref _used)) : TimeSpan.Zero;

    public int Streams => _streams.Count;

    /// <summary>It takes no streams any more: there is another one in its place, or soon.</summary>
    public bool IsClosed
    {
        get
        {
            lock (_gate)
                return _isClosed;
        }
    }

    /// <summary>What the queue has to do: as read just now, or as read a moment ago.</summary>
    /// <exception cref="BacklogUnavailableException">It can't be told.</exception>
    public async Task<QueueBacklog> ReadAsync(string queue, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _used, time.GetTimestamp());
        if (_readings.TryGetValue(queue, out var known) && time.GetElapsedTime(known.At) < Fresh)
            return known.Backlog;
        var reading = (await ReadAsync([queue], cancellationToken).ConfigureAwait(false))[0];
        return reading.Backlog ?? throw new BacklogUnavailableException(reading.Error!.Message, reading.Error);
    }

    /// <summary>What was read of the queue last, and how long ago.</summary>
    public (QueueBacklog Backlog, TimeSpan Age)? Last(string queue) =>
        _readings.TryGetValue(queue, out var reading) ? (reading.Backlog, time.GetElapsedTime(reading.At)) : null;

    /// <summary>Forgets what was read longer ago than that: its queue may be nobody's by now.</summary>
    public void Trim(TimeSpan age)
    {
        foreach (var (queue, reading) in _readings)
        {
            if (time.GetElapsedTime(reading.At) >= age)
                _readings.TryRemove(KeyValuePair.Create(queue, reading));
        }
    }

    /// <summary>Looks at the queue, often, for as long as the stream's pool is at zero. Null where the source is closed.</summary>
    public IDisposable? TryAdd(StreamSubscription stream)
    {
        var id = Guid.NewGuid();
        lock (_gate)
        {
            if (_isClosed)
                return null;
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
            var readings = queues.Zip(await ReadAsync(queues, cancellationToken).ConfigureAwait(false)).ToDictionary(StringComparer.Ordinal);
            foreach (var stream in waiting)
            {
                if (readings[stream.Queue].Backlog is { } backlog)
                    stream.Offer(backlog.Jobs > 0);
            }

            return readings.Values.All(reading => reading.Backlog is null) ? pace.AfterFailure() : pace.AfterSuccess(time.GetElapsedTime(started));
        }
        catch (BacklogUnavailableException)
        {
            // Not a zero, and no end of the streams. KEDA's own questions get the error.
            return pace.AfterFailure();
        }
    }

    /// <summary>Closes it, if nobody has asked for so long: then it takes no streams any more, and is to be disposed.</summary>
    public bool TryClose(TimeSpan unused)
    {
        lock (_gate)
            return _isClosed = _isClosed || Idle >= unused;
    }

    public async ValueTask DisposeAsync()
    {
        Task? loop;
        lock (_gate)
            (_isClosed, loop) = (true, _loop);
        await _stop.CancelAsync().ConfigureAwait(false);
        if (loop is not null)
            await loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await reader.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task<BacklogReading[]> ReadAsync(IReadOnlyCollection<string> queues, CancellationToken cancellationToken)
    {
        if (IsClosed)
            throw new BacklogUnavailableException("The connection is being closed. Ask again.");
        var readings = await reader.ReadAsync(queues, cancellationToken).ConfigureAwait(false);
        var now = time.GetTimestamp();
        foreach (var (queue, reading) in queues.Zip(readings))
        {
            if (reading.Backlog is { } backlog)
                _readings[queue] = new Reading(backlog, now);
        }

        return readings;
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

                await Task.Delay(await TryLookAsync(pace, cancellationToken).ConfigureAwait(false), time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The end.
        }
    }

    /// <summary>Without the loop all streams of this Redis would be deaf: it outlives whatever a look throws.</summary>
    private async Task<TimeSpan> TryLookAsync(ReadPace pace, CancellationToken cancellationToken)
    {
        try
        {
            return await LookAsync(pace, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Log.LookFailed(logger, e);
            return pace.AfterFailure();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A look at pushed queues failed; it is done again.")]
        public static partial void LookFailed(ILogger logger, Exception exception);
    }

    private sealed record Reading(QueueBacklog Backlog, long At);

    private sealed class Subscription(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
