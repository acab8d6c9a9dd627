using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using K8sQueue.Core.Redis.Resp;
using Microsoft.Extensions.Logging;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>
/// Renews a consumer's leases. It has a thread and a socket of its own and never needs the thread pool, which jobs may keep
/// busy for longer than a lease. Where it can't renew, it says so to the jobs when their lease is over. It asks for the server's time as well.
/// </summary>
internal sealed partial class HeartbeatThread : IDisposable
{
    private const string Question = "?";

    // Sent in one piece, so that a renewal does not wait for a round trip of each queue before it.
    private const int BeatsAtOnce = 100;

    // A queue of which nothing can be owned is told only that the consumer is there.
    private const int IdleBeatsInExpiry = 4;

    private static readonly object[] Time = ["TIME"];
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LeastTimeout = TimeSpan.FromMilliseconds(50);

    private readonly RedisServices _services;
    private readonly QueueHandle[] _queues;
    private readonly LeaseTable _leases;
    private readonly string _consumer;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim _stop = new();
    private readonly bool[] _named; // of each queue: whether its last beat said that the ids of jobs are worth sending
    private readonly long?[] _beatenAt;
    private RespConnection? _connection;
    private bool _failing;

    public HeartbeatThread(RedisServices services, QueueHandle[] queues, LeaseTable leases, string consumer)
    {
        _services = services;
        _queues = queues;
        _named = new bool[queues.Length];
        _beatenAt = new long?[queues.Length];
        _leases = leases;
        _consumer = consumer;
        _logger = services.Logger<HeartbeatThread>();
    }

    public void Start() => new Thread(Run) { IsBackground = true, Name = "k8squeue-heartbeat" }.Start();

    /// <summary>Ends the thread; nothing is renewed when this completes.</summary>
    public Task StopAsync()
    {
        _stop.Set();
        return _ended.Task;
    }

    /// <summary>After <see cref="StopAsync"/>.</summary>
    public void Dispose() => _stop.Dispose();

    private void Run()
    {
        try
        {
            do
            {
                LoseOverdue();
                var beaten = TryBeat();
                LoseOverdue();
                if (_stop.Wait(Pause(beaten)))
                    break;
            }
            while (true);
        }
        finally
        {
            _connection?.Dispose();
            _ended.TrySetResult();
        }
    }

    private TimeSpan Pause(bool beaten)
    {
        var pause = beaten ? _services.Options.HeartbeatInterval : RetryDelay;
        return _leases.UntilOverdue() is { } left && left < pause ? Max(left, TimeSpan.Zero) : pause;
    }

    // No step may last beyond the end of a lease: its job is to hear of it then.
    private TimeSpan Timeout()
    {
        var timeout = _services.Options.HeartbeatInterval;
        return Max(_leases.UntilOverdue() is { } left && left < timeout ? left : timeout, LeastTimeout);
    }

    private bool TryBeat()
    {
        try
        {
            _connection ??= RespConnection.Connect(_services.Endpoint, Timeout());
            foreach (var queues in DueQueues().Chunk(BeatsAtOnce))
                Beat(_connection, queues);
            if (_failing)
                Log.Recovered(_logger, _consumer);
            _failing = false;
            return true;
        }
        catch (Exception e) when (IsOfConnection(e))
        {
            _connection?.Dispose();
            _connection = null;
            if (!_failing)
                Log.Failed(_logger, _consumer, e.Message);
            _failing = true;
            return false;
        }
    }

    private static bool IsOfConnection(Exception e) => e is IOException or SocketException or InvalidDataException or RespException
        or AuthenticationException or CryptographicException or UnauthorizedAccessException or ObjectDisposedException;

    private List<int> DueQueues()
    {
        var idle = _services.Options.ConsumerExpiry / IdleBeatsInExpiry;
        return [.. Enumerable.Range(0, _queues.Length).Where(
            queue => _leases.MayOwn(queue) || _beatenAt[queue] is not { } at || _services.Time.GetElapsedTime(at) >= idle)];
    }

    private void Beat(RespConnection connection, int[] queues)
    {
        var at = _services.Time.GetTimestamp();
        var beats = Array.ConvertAll(queues, queue => new QueueBeat(queue, _leases.Snapshot(queue), _named[queue]));
        object[][] commands = [.. beats.Select(beat => Command("EVALSHA", RedisScript.Beat.Sha, beat)), Time];
        var replies = connection.Call(Timeout(), commands);
        if (replies[^1].Error is null)
            _services.Clock.Heard(replies[^1]);
        foreach (var (beat, reply) in beats.Zip(replies))
        {
            var answer = Answer(connection, beat, reply);
            _named[beat.Queue] = answer.EndsWith(Question, StringComparison.Ordinal);
            if (_named[beat.Queue] && !beat.Named)
            {
                var named = beat with { Named = true };
                answer = Answer(connection, named, connection.Call(Timeout(), Command("EVALSHA", RedisScript.Beat.Sha, named)));
            }

            _beatenAt[beat.Queue] = at;
            Lost(beat.Queue, _leases.Confirm(beat.Queue, beat.Snapshot, answer, at));
        }
    }

    private string Answer(RespConnection connection, QueueBeat beat, RespValue reply)
    {
        if (reply.Error is { } error && error.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            reply = connection.Call(Timeout(), Command("EVAL", RedisScript.Beat.Text, beat));
        return reply.Error is null ? reply.Text : throw new RespException(reply.Error);
    }

    private object[] Command(string command, string script, QueueBeat beat) =>
    [
        command,
        script,
        _queues[beat.Queue].KeyNames.Length.ToString(CultureInfo.InvariantCulture),
        .. _queues[beat.Queue].KeyNames,
        _consumer,
        .. beat.Snapshot.Select(ids => ids.Length.ToString(CultureInfo.InvariantCulture)),
        .. beat.Snapshot.SelectMany(ids => ids),
        .. beat.Named ? _leases.JobsOf(beat.Queue, beat.Snapshot) : Array.TrueForAll(beat.Snapshot, ids => ids.Length == 0) ? [] : [Question],
    ];

    private void LoseOverdue()
    {
        for (var i = 0; i < _queues.Length; i++)
        {
            var lost = _leases.LoseOverdue(i);
            if (lost > 0)
                Log.Overdue(_logger, _consumer, lost, _queues[i].Name);
            _services.Metrics.LeaseExpired(_queues[i].Name, lost);
        }
    }

    private void Lost(int queue, int lost)
    {
        if (lost > 0)
            Log.Lost(_logger, _consumer, lost, _queues[queue].Name);
        _services.Metrics.LeaseExpired(_queues[queue].Name, lost);
    }

    private readonly record struct QueueBeat(int Queue, string[][] Snapshot, bool Named);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Warning, "The heartbeat of {Consumer} failed: {Error}")]
        public static partial void Failed(ILogger logger, string consumer, string error);

        [LoggerMessage(111, LogLevel.Information, "The heartbeat of {Consumer} goes on")]
        public static partial void Recovered(ILogger logger, string consumer);

        [LoggerMessage(112, LogLevel.Warning, "{Consumer} could not renew {Jobs} leases of {Queue} in time: their jobs are told to stop")]
        public static partial void Overdue(ILogger logger, string consumer, int jobs, string queue);

        [LoggerMessage(113, LogLevel.Warning, "{Consumer} lost {Jobs} jobs of {Queue}: their entries have another owner or are gone")]
        public static partial void Lost(ILogger logger, string consumer, int jobs, string queue);
    }
}
