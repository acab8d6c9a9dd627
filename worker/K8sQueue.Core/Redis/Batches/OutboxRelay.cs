using K8sQueue.Core.Batches;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Batches;

/// <summary>
/// Tells batches of other queues how a queue's jobs ended. A job's end leaves word in its queue's outbox, since no script may write to another
/// slot; whoever does the housekeeping tells it and removes it then. Told twice it changes nothing, so no step needs to know of another.
/// </summary>
internal sealed class OutboxRelay(RedisServices services)
{
    private const int PageSize = 100;
    private const int MaxPages = 100;

    public async Task RelayAsync(QueueHandle queue)
    {
        for (var page = 0; page < MaxPages; page++)
        {
            var outbox = (RedisKey)queue.Names.Outbox;
            var pairs = (RedisValue[])(await services.Connection.ExecuteAsync("HRANDFIELD", outbox, PageSize, "WITHVALUES").ConfigureAwait(false))!;
            if (pairs.Length == 0)
                return;
            await Task.WhenAll(Messages(queue.Name, pairs).GroupBy(m => m.Batch.Queue, StringComparer.Ordinal).Select(TellAsync)).ConfigureAwait(false);
            await services.Connection.EvaluateAsync(RedisScript.Told, queue.Keys, pairs).ConfigureAwait(false);
            if (pairs.Length < 2 * PageSize)
                return;
        }
    }

    // What can't be read can't be told to anybody, and goes.
    private static IEnumerable<Message> Messages(string queue, RedisValue[] pairs)
    {
        for (var i = 0; i < pairs.Length; i += 2)
        {
            if (((string)pairs[i + 1]!).Split(';') is [var batch, var succeeded] && BatchId.TryParse(batch, out var id))
                yield return new Message(id, $"{queue}.{(string)pairs[i]!}", succeeded);
        }
    }

    private Task TellAsync(IGrouping<string, Message> messages) => services.Connection.EvaluateAsync(
        RedisScript.TellBatches,
        services.Queue(messages.Key).Keys,
        [.. messages.SelectMany(m => new RedisValue[] { m.Batch.Ulid, m.Job, m.Succeeded })]);

    private sealed record Message(BatchId Batch, string Job, string Succeeded);
}
