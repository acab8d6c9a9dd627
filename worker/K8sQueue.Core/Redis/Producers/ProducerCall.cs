using System.Globalization;
using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Resp;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>
/// One enqueue call on the producer's socket. Its methods answer null where the server is one of
/// a cluster that does not have the queue, and added nothing: only the driver finds the one that has.
/// </summary>
internal sealed class ProducerCall(
    ProducerSocket socket, RespPipeline pipeline, ServerClock clock, long now, string address, CancellationToken deadline)
{
    private const int BytesBeside = 2048;

    /// <summary>Adds jobs that differ by id and payload only, all or none, by <see cref="BulkCommand"/>.</summary>
    public async Task<Added?> AddAsync(QueueHandle queue, IReadOnlyList<JobRequest> jobs, JobId[] ids, List<int> part)
    {
        using var command = BulkCommand.Write(queue, jobs, ids, part, now);
        var reply = await pipeline.CallAsync(
            command.Written, part.Count + BulkCommand.OtherReplies, replies => BulkCommand.Read(replies, part.Count, clock), deadline)
            .ConfigureAwait(false);
        return Answer(reply);
    }

    /// <summary>Adds jobs by a script. It is sent as text where others follow it, which would overtake it if it had to be sent again.</summary>
    public async Task<Added?> EvaluateAsync(RedisScript script, QueueHandle queue, RedisValue[] arguments, bool isAlone)
    {
        if (!isAlone)
            return Answer(await EvaluateAsync("EVAL", script.Text, queue, arguments).ConfigureAwait(false));
        var reply = await EvaluateAsync("EVALSHA", script.Sha, queue, arguments).ConfigureAwait(false);
        if (reply.Error is { } error && RedisErrors.IsNoScript(error))
            reply = await EvaluateAsync("EVAL", script.Text, queue, arguments).ConfigureAwait(false);
        return Answer(reply);
    }

    /// <summary>Waits until the server has on its disk what was sent before; calls that wait at the same time share one write of the disk.</summary>
    /// <exception cref="JobQueueUnavailableException">It has not in time; the jobs may be there or not.</exception>
    public async Task SyncAsync(int replicas, TimeSpan timeout)
    {
        using var buffer = new RespBuffer(64);
        buffer.Command(
            "WAITAOF", "1", replicas.ToString(CultureInfo.InvariantCulture), ((long)timeout.TotalMilliseconds).ToString(CultureInfo.InvariantCulture));
        var (error, isEnough) = await pipeline.CallAsync(
            buffer.Written,
            1,
            reply =>
            {
                if (reply.TryReadError(out var refused))
                    return (refused, false);
                _ = reply.ReadArray();
                var local = reply.ReadInteger();
                return ((string?)null, DurabilityRules.IsEnough(local, reply.ReadInteger(), replicas));
            },
            deadline).ConfigureAwait(false);
        if (error is not null)
            throw RedisErrors.FromServer(error, address);
        if (!isEnough)
        {
            throw new JobQueueUnavailableException(
                $"Redis at {address} did not have the jobs on {(replicas > 0 ? $"its disk and those of {replicas} replicas" : "its disk")} in time.");
        }
    }

    private async Task<AddReply> EvaluateAsync(string command, string script, QueueHandle queue, RedisValue[] arguments)
    {
        using var buffer = new RespBuffer(script.Length + BytesBeside);
        buffer.Command(3 + queue.KeyNames.Length + arguments.Length);
        buffer.Part(Encoding.UTF8.GetBytes(command));
        buffer.Part(Encoding.UTF8.GetBytes(script));
        buffer.Raw(queue.KeyParts);
        foreach (var argument in arguments)
            buffer.Part((byte[])argument!);
        return await pipeline.CallAsync(buffer.Written, 1, static reply => AddReply.Read(ref reply), deadline).ConfigureAwait(false);
    }

    private Added? Answer(AddReply reply)
    {
        if (reply.Error is not { } error)
            return reply.Added;
        if (!RedisErrors.IsMoved(error))
            throw RedisErrors.FromServer(error, address);
        socket.Retire();
        return null;
    }
}

/// <summary>What the server says to jobs that it was to add.</summary>
/// <param name="Error">Why it added none; null where it added them.</param>
/// <param name="Added">What it did; null where there is an error.</param>
internal readonly record struct AddReply(string? Error, Added? Added)
{
    /// <summary>Reads a script's answer, which comes next.</summary>
    public static AddReply Read(ref RespReader reply) =>
        reply.TryReadError(out var error) ? new AddReply(error, Added: null) : new AddReply(Error: null, Added.Read(ref reply));
}
