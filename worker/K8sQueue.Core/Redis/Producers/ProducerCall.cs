using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis.Resp;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Producers;

/// <summary>One enqueue call on the producer's socket.</summary>
/// <param name="pipeline">The socket.</param>
/// <param name="takesBulk">Whether the server lets this user do what <see cref="BulkCommand"/> does.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="now">What it says, in milliseconds; 0 where only scripts run.</param>
/// <param name="address">Where the server is.</param>
/// <param name="deadline">When the call is given up.</param>
internal sealed class ProducerCall(RespPipeline pipeline, bool takesBulk, ServerClock clock, long now, string address, CancellationToken deadline)
{
    private const int BytesBeside = 2048;

    private long _last;

    /// <summary>The number that the pipeline gave to what it sent last.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <inheritdoc cref="ProducerCall" path="/param[@name='takesBulk']"/>
    public bool TakesBulk => takesBulk;

    /// <summary>
    /// Adds jobs that differ by id and payload only, all or none, by <see cref="BulkCommand"/>; null where the server refused them, and a script
    /// would say why.
    /// </summary>
    public async Task<Added?> AddAsync(QueueHandle queue, IReadOnlyList<JobRequest> jobs, JobId[] ids, List<int> part)
    {
        var last = ids[part[^1]];
        using var command = BulkCommand.Write(queue, jobs, ids, part, now);
        var reply = await pipeline.CallAsync(
            command.Written, BulkCommand.Replies, replies => BulkCommand.Read(replies, last, clock), deadline, Sending).ConfigureAwait(false);
        return reply is { } answer ? Answer(answer) : null;
    }

    /// <summary>Adds jobs by a script. It is sent as text where others follow it, which would overtake it if it had to be sent again.</summary>
    public async Task<Added> EvaluateAsync(RedisScript script, QueueHandle queue, RedisValue[] arguments, bool isAlone)
    {
        if (!isAlone)
            return Answer(await EvaluateAsync("EVAL", script.Text, queue, arguments).ConfigureAwait(false));
        var reply = await EvaluateAsync("EVALSHA", script.Sha, queue, arguments).ConfigureAwait(false);
        if (reply.Error is { } error && RedisErrors.IsNoScript(error))
            reply = await EvaluateAsync("EVAL", script.Text, queue, arguments).ConfigureAwait(false);
        return Answer(reply);
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
        return await pipeline.CallAsync(buffer.Written, 1, static reply => AddReply.Read(ref reply), deadline, Sending).ConfigureAwait(false);
    }

    // Told one after the other, in the order of the numbers.
    private void Sending(long number) => Volatile.Write(ref _last, number);

    private Added Answer(AddReply reply) => reply.Added ?? throw RedisErrors.FromServer(reply.Error!, address);
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
