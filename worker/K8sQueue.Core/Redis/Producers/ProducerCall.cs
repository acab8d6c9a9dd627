using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis.Resp;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>
/// One enqueue call on the producer's socket. Its methods answer whether the queue is new to the server; null where the server is one of
/// a cluster that does not have the queue, and added nothing: only the driver finds the one that has.
/// </summary>
internal sealed class ProducerCall(
    ProducerSocket socket, RespPipeline pipeline, ServerClock clock, long now, string address, CancellationToken deadline)
{
    private const int BytesBeside = 2048;

    /// <summary>Adds jobs that differ by id and payload only, all or none, by <see cref="BulkCommand"/>.</summary>
    public async Task<bool?> AddAsync(QueueHandle queue, IReadOnlyList<JobRequest> jobs, JobId[] ids, List<int> part)
    {
        using var command = BulkCommand.Write(queue, jobs, ids, part, now);
        var replies = await pipeline.CallAsync(command.Written, part.Count + BulkCommand.OtherReplies, deadline).ConfigureAwait(false);
        if (Array.Find(replies, r => r.Error is not null).Error is { } error)
            return Refused(error);
        var results = replies[^1].Items!;
        clock.Heard(results[0]);
        return results[^1].Error is { } failed ? throw RedisErrors.FromServer(failed, address) : results[^1].Integer == 1;
    }

    /// <summary>Adds jobs by a script. It is sent as text where others follow it, which would overtake it if it had to be sent again.</summary>
    public async Task<bool?> EvaluateAsync(RedisScript script, QueueHandle queue, RedisValue[] arguments, bool isAlone)
    {
        RespValue reply = default;
        if (isAlone)
            reply = await EvaluateAsync("EVALSHA", script.Sha, queue, arguments).ConfigureAwait(false);
        if (!isAlone || (reply.Error is { } unknown && RedisErrors.IsNoScript(unknown)))
            reply = await EvaluateAsync("EVAL", script.Text, queue, arguments).ConfigureAwait(false);
        return reply.Error is { } error ? Refused(error) : reply.Integer == 1;
    }

    private async Task<RespValue> EvaluateAsync(string command, string script, QueueHandle queue, RedisValue[] arguments)
    {
        using var buffer = new RespBuffer(script.Length + BytesBeside);
        buffer.Command(3 + queue.KeyNames.Length + arguments.Length);
        buffer.Part(Encoding.UTF8.GetBytes(command));
        buffer.Part(Encoding.UTF8.GetBytes(script));
        buffer.Raw(queue.KeyParts);
        foreach (var argument in arguments)
            buffer.Part((byte[])argument!);
        return (await pipeline.CallAsync(buffer.Written, 1, deadline).ConfigureAwait(false))[0];
    }

    private bool? Refused(string error)
    {
        if (!RedisErrors.IsMoved(error))
            throw RedisErrors.FromServer(error, address);
        socket.Retire();
        return null;
    }
}
