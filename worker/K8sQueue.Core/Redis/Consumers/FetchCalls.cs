using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>A fetch of one queue that was sent.</summary>
/// <param name="Queue">The queue's number.</param>
/// <param name="Wanted">How many jobs it may take.</param>
/// <param name="Reply">Its answer.</param>
/// <param name="First">The lane at which it starts.</param>
/// <param name="At">When it was sent.</param>
/// <param name="Direct">Whether it is a plain command.</param>
internal sealed record FetchCall(int Queue, int Wanted, Lane First, RedisCall<FetchReply> Reply, long At, bool Direct = false);

/// <summary>
/// Fetches that were sent and not answered. One that does not answer in time may still take jobs at the broker, so it is kept, and the next
/// fetch begins with its answer; so it is where the leases of a late answer can't be renewed yet.
/// </summary>
internal sealed partial class FetchCalls(RedisServices services, QueueHandle[] queues, LeaseTable leases, string consumer)
{
    private readonly List<FetchCall> _open = [];
    private readonly ILogger _logger = services.Logger<FetchCalls>();

    /// <summary>Whether any is not answered.</summary>
    public bool HasOpen => _open.Count > 0;

    /// <summary>Sends the fetch script.</summary>
    public FetchCall Start(int queue, int wanted, Lane first, bool delivered = false)
    {
        var at = services.Time.GetTimestamp();
        var (handle, arguments) = (queues[queue], Arguments(wanted, first, delivered));
        var reply = services.Connection.Start(RedisScript.Fetch, handle.Keys, arguments, r => FetchReply.OfScript(handle.Name, r));
        return Add(new FetchCall(queue, wanted, first, reply, at));
    }

    /// <summary>What the fetch script takes.</summary>
    public RedisValue[] Arguments(int wanted, Lane first, bool delivered) => [consumer, wanted, Code(first), delivered ? 1 : 0, 1];

    /// <summary>One that was sent on another way.</summary>
    public FetchCall Add(FetchCall call)
    {
        _open.Add(call);
        leases.Asked(call.Queue);
        return call;
    }

    /// <summary>Takes the answers of those that are still not answered.</summary>
    public Task TakeLateAsync(List<JobLease> taken) => EachAsync([.. _open], call => TakeAsync(call, taken));

    /// <summary>
    /// Takes answers one after the other. A fault of one keeps no job of another; the first fault is thrown in the end. Behind one that does not
    /// answer in time the others wait for the next fetch.
    /// </summary>
    public async Task EachAsync(IReadOnlyList<FetchCall> calls, Func<FetchCall, Task> take)
    {
        Exception? fault = null;
        foreach (var call in calls)
        {
            try
            {
                await take(call).ConfigureAwait(false);
            }
            catch (Exception e) when (!_open.Contains(call))
            {
                fault ??= e;
            }
        }

        if (fault is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
    }

    /// <summary>Awaits an answer and leases its jobs.</summary>
    public async Task<FetchReply> TakeAsync(FetchCall call, List<JobLease> taken)
    {
        FetchReply reply;
        try
        {
            reply = await services.Connection.WithDeadlineAsync(call.Reply).ConfigureAwait(false);
        }
        catch (Exception) when (call.Reply.Reply.IsFaulted || call.Reply.Reply.IsCanceled)
        {
            Close(call, isKnown: false);
            throw;
        }

        var jobs = reply.Taken.Where(entry => entry.Job is not null).ToList();
        try
        {
            await RecordStartsAsync(call, jobs).ConfigureAwait(false);
            if (jobs.Count > 0)
                await LeaseAsync(call, jobs, taken).ConfigureAwait(false);
            Close(call, isKnown: true);
        }
        catch (Exception e) when (e is not JobQueueUnavailableException)
        {
            Close(call, isKnown: false);
            throw;
        }

        if (jobs.Count < reply.Taken.Count)
            await BuryAsync(queues[call.Queue], [.. reply.Taken.Where(entry => entry.Job is null)]).ConfigureAwait(false);
        return reply;
    }

    private void Close(FetchCall call, bool isKnown)
    {
        if (_open.Remove(call))
            leases.Answered(call.Queue, isKnown);
    }

    private static int Code(Lane first) => first switch
    {
        Lane.Low => 1,
        Lane.Normal => 2,
        _ => 0,
    };

    // The script has done so; a direct read could not.
    private async Task RecordStartsAsync(FetchCall call, List<TakenEntry> jobs)
    {
        if (!call.Direct)
            return;
        RedisValue[] tracked =
        [
            .. jobs.Where(j => j.Header is not null).SelectMany(j => new RedisValue[] { (int)j.Lane + 1, j.Id, j.Header }),
        ];
        if (tracked.Length > 0)
            await services.Connection.EvaluateAsync(RedisScript.Started, queues[call.Queue].Keys, [consumer, .. tracked]).ConfigureAwait(false);
    }

    private async Task LeaseAsync(FetchCall call, List<TakenEntry> jobs, List<JobLease> taken)
    {
        // A lease counts from when the script was sent. A late answer says little of now, so the leases are renewed first.
        var at = call.At;
        string? owned = null;
        if (services.Time.GetElapsedTime(at) > services.Options.HeartbeatInterval)
        {
            at = services.Time.GetTimestamp();
            jobs = [.. jobs.OrderBy(entry => entry.Lane)]; // each lane's in its order
            RedisValue[] counts = [.. Enumerable.Range(0, 4).Select(l => (RedisValue)jobs.Count(j => (int)j.Lane == l))];
            RedisValue[] ids = [.. jobs.Select(j => (RedisValue)j.Id)];
            owned = (string?)await services.Connection
                .EvaluateAsync(RedisScript.Beat, queues[call.Queue].Keys, [consumer, .. counts, .. ids]).ConfigureAwait(false);
        }

        for (var i = 0; i < jobs.Count; i++)
        {
            if (owned is null || owned[i] != '0')
                taken.Add(leases.Add(call.Queue, jobs[i].Job!, jobs[i].Lane, jobs[i].Id, at));
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

    private static partial class Log
    {
        [LoggerMessage(122, LogLevel.Error, "{Queue} had {Entries} entries that are not readable; they are dead letters now")]
        public static partial void Corrupt(ILogger logger, string queue, int entries);

        [LoggerMessage(123, LogLevel.Warning, "Unreadable entries of {Queue} could not be buried yet: {Error}")]
        public static partial void BurialFailed(ILogger logger, string queue, string error);
    }
}
