using System.Globalization;
using System.Runtime.InteropServices;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>
/// Takes jobs for one consumer: a script that never waits, a plain command in its place where <see cref="DirectLane"/> says so, and a
/// blocking read where all lanes are empty.
/// </summary>
internal sealed partial class RedisFetcher(
    RedisServices services, QueueHandle[] queues, LeaseTable leases, string consumer) : IDisposable
{
    // What ends a wait is one job, or a few; more come with the next fetch.
    private const int FollowJobs = 8;

    private static readonly TimeSpan LimitedPollInterval = TimeSpan.FromMilliseconds(100);

    private readonly BlockingReader _reader = new(services, consumer);
    private readonly ILogger _logger = services.Logger<RedisFetcher>();
    private readonly DirectLane[] _direct = Array.ConvertAll(queues, _ => new DirectLane(services.Options.LeastDirectJobs));
    private readonly LimitedPace[] _paces =
        Array.ConvertAll(queues, _ => new LimitedPace(LimitedPollInterval, services.Options.PausedPollInterval));

    private Call? _late;
    private int _batches;
    private volatile QueueHold _heldBy;

    /// <inheritdoc cref="IJobConsumer.HeldBy"/>
    public QueueHold HeldBy => _heldBy;

    /// <summary>Takes up to <paramref name="max"/> jobs; none where the idle wait is over or <paramref name="stop"/> completes.</summary>
    public async Task<List<JobLease>> FetchAsync(int max, Task stop)
    {
        var taken = new List<JobLease>();
        try
        {
            if (_late is { } late)
                await TakeAsync(late, taken).ConfigureAwait(false);
            var started = services.Time.GetTimestamp();
            while (taken.Count == 0 && !stop.IsCompleted)
            {
                var left = services.Options.IdleWait - services.Time.GetElapsedTime(started);
                var (open, pause) = await ReadLanesAsync(max, taken).ConfigureAwait(false);
                if (taken.Count > 0 || left <= TimeSpan.Zero)
                    break;
                await WaitAsync(open, pause < left ? pause : left, max, stop, taken).ConfigureAwait(false);
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

    /// <summary>Ends a script that did not answer in time; what it took.</summary>
    /// <exception cref="JobQueueUnavailableException">It may still take jobs.</exception>
    public async Task<List<JobLease>> SettleAsync()
    {
        var taken = new List<JobLease>();
        try
        {
            if (_late is { } late)
                await TakeAsync(late, taken).ConfigureAwait(false);
        }
        catch (Exception e) when (_late is null && e is not JobQueueUnavailableException)
        {
            // The server refused it, so it takes nothing any more; the next fetch meets the fault again.
            Log.Refused(_logger, consumer, e.Message);
        }

        return taken;
    }

    public void Dispose() => _reader.Dispose();

    /// <summary>
    /// Reads all queues without waiting; returns those that may be waited for, and how long it is until another one is to be looked at. A longer
    /// wait than a heartbeat would have to renew the leases that it brings before their jobs start.
    /// </summary>
    private async Task<(List<QueueHandle> Open, TimeSpan Pause)> ReadLanesAsync(int max, List<JobLease> taken)
    {
        var lowFirst = ++_batches % LaneOrder.LowFirstEvery == 0;
        var open = new List<QueueHandle>();
        var (pause, hold) = (services.Options.HeartbeatInterval, QueueHold.None);
        for (var i = 0; i < queues.Length && taken.Count < max; i++)
        {
            var before = taken.Count;
            var reply = await ReadLanesAsync(i, max - taken.Count, lowFirst, taken).ConfigureAwait(false);
            if (taken.Count > before)
                _paces[i].Took();
            if (reply.State is not (FetchState.Paused or FetchState.Limited))
            {
                open.Add(queues[i]);
                continue;
            }

            // A paused queue is never read with a blocking read; its resumption is looked for now and then.
            var again = reply.State == FetchState.Paused
                ? services.Options.PausedPollInterval
                : _paces[i].Next(reply.Hold, reply.ComeAgain, NextRandom());
            pause = again < pause ? again : pause;
            hold = hold == QueueHold.None ? reply.Hold : hold;
        }

        _heldBy = taken.Count == 0 ? hold : QueueHold.None;
        return (open, pause);
    }

    private async Task<FetchReply> ReadLanesAsync(int index, int wanted, bool lowFirst, List<JobLease> taken)
    {
        var (queue, direct, before) = (queues[index], _direct[index], taken.Count);
        if (direct.Next(wanted, lowFirst) is { } lane)
        {
            var read = await TakeDirectAsync(StartDirect(queue, lane, wanted, lowFirst), taken).ConfigureAwait(false);
            if (read.State == FetchState.Refused)
                direct.Refused(lowFirst);
            else
                direct.Took(wanted, lowFirst, CollectionsMarshal.AsSpan(taken)[before..]);
            if (read.State == FetchState.Paused || taken.Count > before)
                return read;
        }

        var reply = await TakeAsync(Start(queue, wanted, lowFirst), taken).ConfigureAwait(false);
        if (reply.State == FetchState.NoGroup)
        {
            Log.GroupsMade(_logger, queue.Name);
            await services.JoinAsync(queue, consumer).ConfigureAwait(false);
            reply = await TakeAsync(Start(queue, wanted, lowFirst), taken).ConfigureAwait(false);
        }

        direct.Took(wanted, lowFirst, reply.State == FetchState.Limited ? [] : CollectionsMarshal.AsSpan(taken)[before..]);
        return reply;
    }

    private async Task WaitAsync(List<QueueHandle> open, TimeSpan wait, int max, Task stop, List<JobLease> taken)
    {
        if (open.Count == 0)
        {
            await Task.WhenAny(stop, Task.Delay(wait, services.Time, CancellationToken.None)).ConfigureAwait(false);
            return;
        }

        // The fetch script stands right behind the read, so that the job that ends the wait starts after one round trip. How many jobs
        // it may take is known only where it is the one script.
        var at = services.Time.GetTimestamp();
        var follow = open.Count == 1 ? Script(open[0], Arguments(Math.Min(max, FollowJobs), lowFirst: false, delivered: true)) : null;
        var (delivered, followed) = await _reader.ReadAsync(open, wait, stop, follow).ConfigureAwait(false);
        if (followed is { Error: null } reply)
        {
            var answered = new RedisCall<FetchReply>(_ => Task.FromResult(FetchReply.OfScript(open[0].Name, reply)));
            await TakeAsync(new Call(open[0], answered, at), taken).ConfigureAwait(false);
            return;
        }

        foreach (var queue in delivered)
        {
            var wanted = stop.IsCompleted ? 0 : max - taken.Count;
            await TakeAsync(Start(queue, wanted, lowFirst: false, delivered: true), taken).ConfigureAwait(false);
        }
    }

    private Call Start(QueueHandle queue, int wanted, bool lowFirst, bool delivered = false)
    {
        var at = services.Time.GetTimestamp();
        var arguments = Arguments(wanted, lowFirst, delivered);
        var call = services.Connection.Start(RedisScript.Fetch, queue.Keys, arguments, reply => FetchReply.OfScript(queue.Name, reply));
        return new Call(queue, call, at);
    }

    private RedisValue[] Arguments(int wanted, bool lowFirst, bool delivered) => [consumer, wanted, lowFirst ? 1 : 0, delivered ? 1 : 0, 1];

#pragma warning disable CA5394 // Who looks when is no secret.
    private static double NextRandom() => Random.Shared.NextDouble();
#pragma warning restore CA5394

    private static object[] Script(QueueHandle queue, RedisValue[] arguments) =>
    [
        "EVALSHA", RedisScript.Fetch.Sha, queue.KeyNames.Length.ToString(CultureInfo.InvariantCulture), .. queue.KeyNames,
        .. arguments.Select(a => (string)a!),
    ];

    private Call StartDirect(QueueHandle queue, Lane lane, int wanted, bool lowFirst)
    {
        var at = services.Time.GetTimestamp();
        return new Call(queue, new RedisCall<FetchReply>(_ => _reader.ReadAsync(queue, lane, wanted, lowFirst)), at, Direct: true);
    }

    // A full server takes no transaction, and gives jobs by the script; whatever else keeps a direct read from being made, the script meets too.
    private async Task<FetchReply> TakeDirectAsync(Call call, List<JobLease> taken)
    {
        try
        {
            return await TakeAsync(call, taken).ConfigureAwait(false);
        }
        catch (Exception e) when (call.Reply.Reply.IsFaulted && e is InvalidOperationException or JobQueueFullException)
        {
            return new FetchReply(FetchState.Refused, []);
        }
    }

    /// <summary>
    /// Awaits a fetch script. One that does not answer in time may still take jobs at the broker, so it is kept, and the next
    /// fetch begins with its answer; so it is where the leases of a late answer can't be renewed yet.
    /// </summary>
    private async Task<FetchReply> TakeAsync(Call call, List<JobLease> taken)
    {
        FetchReply reply;
        try
        {
            _late = call;
            reply = await services.Connection.WithDeadlineAsync(call.Reply).ConfigureAwait(false);
        }
        catch (Exception) when (call.Reply.Reply.IsFaulted || call.Reply.Reply.IsCanceled)
        {
            _late = null;
            throw;
        }

        var jobs = reply.Taken.Where(entry => entry.Job is not null).ToList();
        try
        {
            await RecordStartsAsync(call, jobs).ConfigureAwait(false);
            if (jobs.Count > 0)
                await LeaseAsync(call, jobs, taken).ConfigureAwait(false);
            _late = null;
        }
        catch (Exception e) when (e is not JobQueueUnavailableException)
        {
            _late = null;
            throw;
        }

        if (jobs.Count < reply.Taken.Count)
            await BuryAsync(call.Queue, [.. reply.Taken.Where(entry => entry.Job is null)]).ConfigureAwait(false);
        return reply;
    }

    // The script has done so; a direct read could not.
    private async Task RecordStartsAsync(Call call, List<TakenEntry> jobs)
    {
        if (!call.Direct)
            return;
        RedisValue[] tracked =
        [
            .. jobs.Where(j => j.Header is not null).SelectMany(j => new RedisValue[] { (int)j.Lane + 1, j.Id, j.Header }),
        ];
        if (tracked.Length > 0)
            await services.Connection.EvaluateAsync(RedisScript.Started, call.Queue.Keys, [consumer, .. tracked]).ConfigureAwait(false);
    }

    private async Task LeaseAsync(Call call, List<TakenEntry> jobs, List<JobLease> taken)
    {
        // A lease counts from when the script was sent. A late answer says little of now, so the leases are renewed first.
        var at = call.At;
        string? owned = null;
        if (services.Time.GetElapsedTime(at) > services.Options.HeartbeatInterval)
        {
            at = services.Time.GetTimestamp();
            jobs.Sort((a, b) => a.Lane.CompareTo(b.Lane));
            RedisValue[] counts = [.. Enumerable.Range(0, 4).Select(l => (RedisValue)jobs.Count(j => (int)j.Lane == l))];
            RedisValue[] ids = [.. jobs.Select(j => (RedisValue)j.Id)];
            owned = (string?)await services.Connection
                .EvaluateAsync(RedisScript.Beat, call.Queue.Keys, [consumer, .. counts, .. ids]).ConfigureAwait(false);
        }

        var index = Array.IndexOf(queues, call.Queue);
        for (var i = 0; i < jobs.Count; i++)
        {
            if (owned is null || owned[i] != '0')
                taken.Add(leases.Add(index, jobs[i].Job!, jobs[i].Lane, jobs[i].Id, at));
        }
    }

    private async Task BuryAsync(QueueHandle queue, List<TakenEntry> entries)
    {
        Log.Corrupt(_logger, queue.Name, entries.Count);
        RedisValue[] arguments =
        [
            EntryHeader.Milliseconds(services.Options.DeadRetention),
            .. entries.SelectMany(e => new RedisValue[]
            {
                (int)e.Lane + 1, e.Id, DeadLetterReasons.Corrupt, "The entry could not be read.",
            }),
        ];
        try
        {
            await services.Connection.EvaluateAsync(RedisScript.Bury, queue.Keys, arguments).ConfigureAwait(false);
        }
        catch (Exception e) when (RedisErrors.IsOfQueue(e))
        {
            // Nobody renews their leases, so housekeeping buries them.
            Log.BurialFailed(_logger, queue.Name, e.Message);
        }
    }

    private sealed record Call(QueueHandle Queue, RedisCall<FetchReply> Reply, long At, bool Direct = false);

    private static partial class Log
    {
        [LoggerMessage(124, LogLevel.Warning, "A late fetch of {Consumer} was refused: {Error}")]
        public static partial void Refused(ILogger logger, string consumer, string error);

        [LoggerMessage(120, LogLevel.Warning, "{Consumer} took {Jobs} jobs before a fault: {Error}")]
        public static partial void Interrupted(ILogger logger, string consumer, int jobs, string error);

        [LoggerMessage(121, LogLevel.Warning, "The consumer groups of {Queue} were missing: the server lost data or was replaced")]
        public static partial void GroupsMade(ILogger logger, string queue);

        [LoggerMessage(122, LogLevel.Error, "{Queue} had {Entries} entries that are not readable; they are dead letters now")]
        public static partial void Corrupt(ILogger logger, string queue, int entries);

        [LoggerMessage(123, LogLevel.Warning, "Unreadable entries of {Queue} could not be buried yet: {Error}")]
        public static partial void BurialFailed(ILogger logger, string queue, string error);
    }
}
