using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Events;

/// <summary>Reads what became of a queue's tracked jobs. It never blocks a connection: it looks again and again.</summary>
internal sealed class RedisEventReader(RedisServices services)
{
    /// <summary>How often it looks while it waits.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private const string ToCome = "$";

    public async Task<JobEventPage> ReadAsync(string name, JobEventId? after, int max, TimeSpan wait, CancellationToken cancellationToken)
    {
        var queue = services.Peek(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var started = services.Time.GetTimestamp();
        while (true)
        {
            var page = await ReadAsync(queue, after, max).WaitAsync(cancellationToken).ConfigureAwait(false);
            var left = wait - services.Time.GetElapsedTime(started);
            if (page.Events.Count > 0 || left <= TimeSpan.Zero)
                return page;
            after = page.Last;
            await Task.Delay(left < PollInterval ? left : PollInterval, services.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<JobEventPage> ReadAsync(QueueHandle queue, JobEventId? after, int max)
    {
        var reply = (RedisResult[])(await services.Connection.EvaluateAsync(
            RedisScript.Events, queue.Keys, [after?.ToString() ?? ToCome, max]).ConfigureAwait(false))!;
        if ((int)reply[0] == 1)
            throw new JobEventsTrimmedException();
        var last = JobEventId.TryParse((string?)reply[1], out var id) ? id : throw new InvalidOperationException($"'{reply[1]}' is no event's id.");
        var events = ((RedisResult[]?)reply[2] ?? []).Select(entry => Read(queue.Name, (RedisResult[])entry!)).OfType<JobEvent>();
        return new JobEventPage([.. events], last);
    }

    private static JobEvent? Read(string queue, RedisResult[] entry)
    {
        var pairs = (RedisValue[])entry[1]!;
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < pairs.Length; i += 2)
            fields[pairs[i]!] = pairs[i + 1]!;
        return EventFields.Read(queue, (string?)entry[0], fields);
    }
}
