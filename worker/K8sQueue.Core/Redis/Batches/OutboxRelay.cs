using K8sQueue.Core.Batches;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Batches;

/// <summary>
/// Tells batches of other queues how a queue's jobs ended. A job's end leaves word in its queue's outbox, since no script may write to another
/// slot; whoever does the housekeeping tells it and removes it then. Told twice it changes nothing, so no step needs to know of another.
/// A queue that can't be told keeps its word, and no other's.
/// </summary>
internal sealed class OutboxRelay(RedisServices services)
{
    private const int PageSize = 100;
    private const int MaxPages = 100;

    /// <summary>Tells what is in a queue's outbox, for one turn of housekeeping.</summary>
    public async Task RelayAsync(QueueHandle queue)
    {
        var started = services.Time.GetTimestamp();
        for (var page = 0; page < MaxPages; page++)
        {
            var outbox = (RedisKey)queue.Names.Outbox;
            var pairs = (RedisValue[])(await services.Connection.ExecuteAsync("HRANDFIELD", outbox, PageSize, "WITHVALUES").ConfigureAwait(false))!;
            if (pairs.Length == 0)
                return;
            await Task.WhenAll(Messages(queue.Name, pairs).GroupBy(m => m.Batch?.Queue, StringComparer.Ordinal).Select(g => TellAsync(queue, g)))
                .ConfigureAwait(false);
            if (pairs.Length < 2 * PageSize || services.Time.GetElapsedTime(started) >= services.Options.MaintenanceInterval)
                return;
        }
    }

    private static IEnumerable<Message> Messages(string queue, RedisValue[] pairs)
    {
        for (var i = 0; i < pairs.Length; i += 2)
        {
            yield return ((string)pairs[i + 1]!).Split(';') is [var batch, var succeeded] && BatchId.TryParse(batch, out var id)
                ? new Message(pairs[i], pairs[i + 1], id, $"{queue}.{(string)pairs[i]!}", succeeded)
                : new Message(pairs[i], pairs[i + 1], Batch: null, "", "");
        }
    }

    private async Task TellAsync(QueueHandle queue, IGrouping<string?, Message> messages)
    {
        // What can't be read can't be told to anybody, and goes.
        if (messages.Key is { } home)
        {
            RedisValue[] arguments =
                [RedisServices.LayoutVersion, .. messages.SelectMany(m => new RedisValue[] { m.Batch!.Value.Ulid, m.Job, m.Succeeded })];
            var handle = services.Queue(home);
            var fresh = await services.Connection.EvaluateAsync(RedisScript.TellBatches, handle.Keys, arguments).ConfigureAwait(false);
            if ((int)fresh == 1)
                await services.RegisterAgainAsync(handle).ConfigureAwait(false);
        }

        RedisValue[] told = [.. messages.SelectMany(m => new[] { m.Field, m.Word })];
        await services.Connection.EvaluateAsync(RedisScript.Told, queue.Keys, told).ConfigureAwait(false);
    }

    private sealed record Message(RedisValue Field, RedisValue Word, BatchId? Batch, string Job, string Succeeded);
}
