using System.Globalization;
using System.Runtime.InteropServices;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>
/// Takes jobs for one consumer: a script that never waits, of all queues that have jobs at once, a plain command in its place where
/// <see cref="DirectLane"/> says so, and a blocking read where all lanes are empty.
/// </summary>
internal sealed partial class RedisFetcher(
    RedisServices services, QueueHandle[] queues, LeaseTable leases, string consumer) : IDisposable
{
    // What ends a wait is one job, or a few; more come with the next fetch.
    private const int FollowJobs = 8;

    private static readonly TimeSpan LimitedPollInterval = TimeSpan.FromMilliseconds(100);

    // What one queue has is found out by fetching it.
    private static readonly FoundQueue[] OneQueue = [new(long.MaxValue, FetchState.Open)];

    private readonly BlockingReader _reader = new(services, consumer);
    private readonly FetchCalls _calls = new(services, queues, leases, consumer);
    private readonly QueueTurns _turns = new(queues.Length);
    private readonly QueueLook _look = new(services, queues);
    private readonly ILogger _logger = services.Logger<RedisFetcher>();
    private readonly DirectLane[] _direct = Array.ConvertAll(queues, _ => new DirectLane(services.Options.LeastDirectJobs));
    private readonly LimitedPace[] _paces =
        Array.ConvertAll(queues, _ => new LimitedPace(LimitedPollInterval, services.Options.PausedPollInterval));

    private readonly int[] _batches = new int[queues.Length]; // of each queue, those that gave jobs
    private readonly Dictionary<int, FetchReply> _held = []; // what queues answered that gave nothing, since the fetch began to read
    private volatile QueueHold _heldBy;

    /// <inheritdoc cref="IJobConsumer.HeldBy"/>
    public QueueHold HeldBy => _heldBy;

    /// <summary>Takes up to <paramref name="max"/> jobs; none where the idle wait is over or <paramref name="stop"/> completes.</summary>
    public async Task<List<JobLease>> FetchAsync(int max, Task stop)
    {
        var taken = new List<JobLease>();
        try
        {
            await _calls.TakeLateAsync(taken).ConfigureAwait(false);
            var started = services.Time.GetTimestamp();
            while (taken.Count == 0 && !stop.IsCompleted)
            {
                var left = services.Options.IdleWait - services.Time.GetElapsedTime(started);
                await ReadLanesAsync(max, stop, taken).ConfigureAwait(false);
                if (taken.Count > 0 || left <= TimeSpan.Zero)
                    break;
                var pause = PauseOfClosed();
                await WaitAsync(pause < left ? pause : left, max, stop, taken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (taken.Count > 0)
        {
            // What was taken is owned and renewed from now on, so it is handed out; the next call meets the fault again.
            Log.Interrupted(_logger, consumer, taken.Count, e.Message);
        }

        if (taken.Count > 0)
            _heldBy = QueueHold.None;
        return taken;
    }

    /// <summary>Ends fetches that did not answer in time; what they took.</summary>
    /// <exception cref="JobQueueUnavailableException">They may still take jobs.</exception>
    public async Task<List<JobLease>> SettleAsync()
    {
        var taken = new List<JobLease>();
        try
        {
            await _calls.TakeLateAsync(taken).ConfigureAwait(false);
        }
        catch (Exception e) when (!_calls.HasOpen && e is not JobQueueUnavailableException)
        {
            // The server refused it, so it takes nothing any more; the next fetch meets the fault again.
            Log.Refused(_logger, consumer, e.Message);
        }

        return taken;
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>Reads what the queues have without waiting for jobs; where it takes none, they were looked at and had none.</summary>
    private async Task ReadLanesAsync(int max, Task stop, List<JobLease> taken)
    {
        _held.Clear();
        if (queues.Length == 1)
            _turns.Looked(OneQueue);
        do
        {
            var asked = _turns.Next(max - taken.Count);
            if (asked.Count == 0)
                await _look.WaitAsync(stop).ConfigureAwait(false);
            if (stop.IsCompleted)
                return;

            // All are written before the first answer is waited for. The look is the last, so that it does not see what the others take.
            var calls = Start(asked);
            var look = _look.IsDue ? _look.TakeAsync() : null;
            var taking = _calls.EachAsync(calls, call => TakeAsync(call, taken));
            await Task.WhenAll(taking, look ?? Task.CompletedTask).ConfigureAwait(false);
            if (look is not null)
                _turns.Looked(await look.ConfigureAwait(false));
        }
        while (taken.Count < max && _turns.HasAny);
    }

    private List<FetchCall> Start(IReadOnlyList<(int Queue, int Wanted)> turns)
    {
        var asked = turns.Select(t => (t.Queue, t.Wanted, First: LaneOrder.FirstOf(_batches[t.Queue] + 1))).ToList();

        // Plain commands have a socket for one call at a time.
        var direct = asked.Select(a => (a, Lane: _direct[a.Queue].Next(a.Wanted, a.First))).FirstOrDefault(d => d.Lane is not null);
        return
        [
            .. asked.Select(a => direct.Lane is { } lane && direct.a == a
                ? StartDirect(a.Queue, lane, a.Wanted, a.First)
                : _calls.Start(a.Queue, a.Wanted, a.First)),
        ];
    }

    private async Task TakeAsync(FetchCall call, List<JobLease> taken)
    {
        var (queue, wanted, first, before) = (call.Queue, call.Wanted, call.First, taken.Count);
        var reply = call.Direct ? await TakeDirectAsync(call, taken).ConfigureAwait(false) : await _calls.TakeAsync(call, taken).ConfigureAwait(false);
        var given = taken.Count - before;
        if (reply.State == FetchState.Refused)
            _direct[queue].Refused(first);
        else
            _direct[queue].Took(wanted, first, reply.State == FetchState.Limited ? [] : CollectionsMarshal.AsSpan(taken)[before..]);
        if (reply.State == FetchState.NoGroup)
        {
            Log.GroupsMade(_logger, queues[queue].Name);
            await services.JoinAsync(queues[queue], consumer).ConfigureAwait(false);
        }

        if (given == 0 && reply.State != FetchState.Paused && (call.Direct || reply.State == FetchState.NoGroup))
        {
            await TakeAsync(_calls.Start(queue, wanted, first), taken).ConfigureAwait(false);
            return;
        }

        _turns.Gave(queue, wanted, given, reply.State);
        if (given == 0)
        {
            _held[queue] = reply;
            return;
        }

        _batches[queue]++;
        _paces[queue].Took();
    }

    /// <summary>
    /// How long it is until a queue that is not waited for is to be looked at; says what holds jobs there. A longer wait than a heartbeat would have to renew
    /// the leases that it brings before their jobs start.
    /// </summary>
    private TimeSpan PauseOfClosed()
    {
        var (pause, hold) = (services.Options.HeartbeatInterval, QueueHold.None);
        foreach (var queue in _turns.Closed)
        {
            var reply = _held.GetValueOrDefault(queue) ?? new FetchReply(FetchState.Limited, []);
            var again = _turns.IsPaused(queue) ? services.Options.PausedPollInterval : _paces[queue].Next(reply.Hold, reply.ComeAgain, NextRandom());
            pause = again < pause ? again : pause;
            hold = hold == QueueHold.None ? reply.Hold : hold;
        }

        _heldBy = hold;
        return pause;
    }

    private async Task WaitAsync(TimeSpan wait, int max, Task stop, List<JobLease> taken)
    {
        var open = _turns.Open.ToArray();
        if (open.Length == 0)
        {
            await Task.WhenAny(stop, Task.Delay(wait, services.Time, CancellationToken.None)).ConfigureAwait(false);
            return;
        }

        // The fetch script stands right behind the read, so that the job that ends the wait starts after one round trip. How many jobs
        // it may take is known only where it is the one script.
        var at = services.Time.GetTimestamp();
        var wanted = Math.Min(max, FollowJobs);
        var follow = open.Length == 1 ? Script(queues[open[0]], _calls.Arguments(wanted, Lane.Returned, delivered: true)) : null;
        BlockingReply reply;
        try
        {
            reply = await _reader.ReadAsync(Array.ConvertAll(open, i => queues[i]), wait, stop, follow).ConfigureAwait(false);
        }
        catch when (follow is not null)
        {
            leases.Doubt(open[0]);
            throw;
        }

        // Given up before it was answered: the script may take jobs still.
        if (follow is not null && reply.Followed is null)
            leases.Doubt(open[0]);
        if (reply.NoGroup)
            _turns.Suspect();
        if (reply.Followed is { Error: null } followed)
        {
            var answered = new RedisCall<FetchReply>(_ => Task.FromResult(FetchReply.OfScript(queues[open[0]].Name, followed)));
            await _calls.TakeAsync(_calls.Add(new FetchCall(open[0], wanted, Lane.Returned, answered, at)), taken).ConfigureAwait(false);
            return;
        }

        await TakeDeliveredAsync(reply.Delivered, stop.IsCompleted ? 0 : max, taken).ConfigureAwait(false);
    }

    // Those that there is no room for are put back. The first has what the others leave.
    private async Task TakeDeliveredAsync(IReadOnlyList<QueueHandle> delivered, int max, List<JobLease> taken)
    {
        var calls = delivered.Select((queue, i) => _calls.Start(
            Array.IndexOf(queues, queue), i > 0 ? Math.Min(1, Math.Max(0, max - i)) : Math.Max(Math.Min(1, max), max - delivered.Count + 1),
            Lane.Returned, delivered: true));
        await _calls.EachAsync([.. calls], call => _calls.TakeAsync(call, taken)).ConfigureAwait(false);
    }

#pragma warning disable CA5394 // Who looks when is no secret.
    private static double NextRandom() => Random.Shared.NextDouble();
#pragma warning restore CA5394

    private static object[] Script(QueueHandle queue, RedisValue[] arguments) =>
    [
        "EVALSHA", RedisScript.Fetch.Sha, queue.KeyNames.Length.ToString(CultureInfo.InvariantCulture), .. queue.KeyNames,
        .. arguments.Select(a => (string)a!),
    ];

    private FetchCall StartDirect(int queue, Lane lane, int wanted, Lane first)
    {
        var at = services.Time.GetTimestamp();
        var reply = new RedisCall<FetchReply>(_ => _reader.ReadAsync(queues[queue], lane, wanted, first));
        return _calls.Add(new FetchCall(queue, wanted, first, reply, at, Direct: true));
    }

    // A full server takes no transaction, and gives jobs by the script; whatever else keeps a direct read from being made, the script meets too.
    private async Task<FetchReply> TakeDirectAsync(FetchCall call, List<JobLease> taken)
    {
        try
        {
            return await _calls.TakeAsync(call, taken).ConfigureAwait(false);
        }
        catch (Exception e) when (call.Reply.Reply.IsFaulted && e is InvalidOperationException or JobQueueFullException)
        {
            return new FetchReply(FetchState.Refused, []);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(124, LogLevel.Warning, "A late fetch of {Consumer} was refused: {Error}")]
        public static partial void Refused(ILogger logger, string consumer, string error);

        [LoggerMessage(120, LogLevel.Warning, "{Consumer} took {Jobs} jobs before a fault: {Error}")]
        public static partial void Interrupted(ILogger logger, string consumer, int jobs, string error);

        [LoggerMessage(121, LogLevel.Warning, "The consumer groups of {Queue} were missing: the server lost data or was replaced")]
        public static partial void GroupsMade(ILogger logger, string queue);
    }
}
