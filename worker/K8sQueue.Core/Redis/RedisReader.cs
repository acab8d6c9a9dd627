using System.Globalization;
using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>What can be asked about queues and jobs.</summary>
internal sealed class RedisReader(RedisServices services)
{
    private static readonly RedisValue[] RecordFields = ["h", "s", "b", "f", "r", "x", "w", "e", "p"];

    // What no record has.
    private const string Nothing = "-";

    public async Task<JobSnapshot?> GetJobAsync(JobId id, bool withResult = true)
    {
        if (!id.IsTracked)
            return null;
        var key = (RedisKey)services.Peek(id.Queue).Names.JobKey(id);
        object[] arguments = [key, .. RecordFields.Select(f => f == "r" && !withResult ? Nothing : (object)(string)f!)];
        var fields = (RedisValue[])(await services.Connection.ExecuteAsync("HMGET", arguments).ConfigureAwait(false))!;
        if (fields[0].IsNull || EntryHeader.TryParse(id.Queue, (string)fields[0]!, default) is not { } job
            || !Enum.TryParse<JobState>((string?)fields[1], out var state))
        {
            return null;
        }

        return JobSnapshot.Of(job, state) with
        {
            Id = id,
            StartedAt = Time(fields[2]),
            FinishedAt = Time(fields[3]),
            Result = fields[4].IsNull ? default(ReadOnlyMemory<byte>?) : (byte[])fields[4]!,
            Error = fields[5],
            Consumer = fields[6],
            Progress = ProgressText.Parse(fields[7], fields[8]),
        };
    }

    public async Task<IReadOnlyList<string>> ListQueuesAsync()
    {
        var names = (string[])(await services.Connection.ExecuteAsync("SMEMBERS", (RedisKey)RedisKeys.Registry).ConfigureAwait(false))!;
        return [.. names.Order(StringComparer.Ordinal)];
    }

    public async Task<QueueStatistics> GetStatisticsAsync(string name)
    {
        var queue = services.Peek(name);
        var parts = (RedisResult[])(await services.Connection
            .EvaluateAsync(RedisScript.Statistics, queue.Keys, []).ConfigureAwait(false))!;
        var pairs = (RedisValue[])parts[7]!;
        var totals = new Dictionary<string, long>(StringComparer.Ordinal);
        for (var i = 0; i < pairs.Length; i += 2)
            totals[pairs[i]!] = (long)pairs[i + 1];
        var (entries, running, oldest) = ((long)parts[0], (long)parts[1], (long)parts[6]);
        return new QueueStatistics
        {
            Queue = name,
            Backlog = new Backlog(entries - running, running, (int)parts[5] == 1),
            Delayed = (long)parts[2],
            Parked = (long)parts[8],
            DeadLetters = (long)parts[3],
            Consumers = (int)parts[4],
            OldestAge = oldest < 0 ? null : TimeSpan.FromMilliseconds(oldest),
            EnqueuedTotal = totals.GetValueOrDefault("enqueued"),
            StartedTotal = totals.GetValueOrDefault("started"),
            CompletedTotal = totals.GetValueOrDefault("completed"),
            RetriedTotal = totals.GetValueOrDefault("retried"),
            RecoveredTotal = totals.GetValueOrDefault("recovered"),
            ReleasedTotal = totals.GetValueOrDefault("released"),
            BuriedTotal = totals.GetValueOrDefault("buried"),
            RedrivenTotal = totals.GetValueOrDefault("redriven"),
            CancelledTotal = totals.GetValueOrDefault("cancelled"),
            StoppedTotal = totals.GetValueOrDefault("stopped"),
        };
    }

    public async Task<IReadOnlyList<QueueConsumer>> ListConsumersAsync(string name, int max)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var parts = (RedisValue[])(await services.Connection
            .EvaluateAsync(RedisScript.Consumers, services.Peek(name).Keys, [max]).ConfigureAwait(false))!;
        var consumers = new List<QueueConsumer>(parts.Length / 3);
        for (var i = 0; i < parts.Length; i += 3)
            consumers.Add(new QueueConsumer((string)parts[i]!, (int)parts[i + 1], TimeSpan.FromMilliseconds((long)parts[i + 2])));
        return consumers;
    }

    public async Task<IReadOnlyList<DeadLetter>> ListDeadLettersAsync(string name, int offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count == 0 ? [] : await ReadDeadLettersAsync(name, offset, count).ConfigureAwait(false);
    }

    public async Task<DeadLetter?> GetDeadLetterAsync(JobId id) =>
        await ReadDeadLettersAsync(id.Queue, 0, 1, id.Ulid).ConfigureAwait(false) is [var letter] ? letter : null;

    private async Task<IReadOnlyList<DeadLetter>> ReadDeadLettersAsync(string name, params RedisValue[] arguments)
    {
        var parts = (RedisValue[])(await services.Connection
            .EvaluateAsync(RedisScript.Dead, services.Peek(name).Keys, arguments).ConfigureAwait(false))!;
        var letters = new List<DeadLetter>(parts.Length / 5);
        for (var i = 0; i < parts.Length; i += 5)
        {
            if (EntryHeader.TryParse(name, Encoding.UTF8.GetString((byte[])parts[i]!), (byte[])parts[i + 1]!) is { } job)
                letters.Add(new DeadLetter(Unpack(job), (string)parts[i + 2]!, (string)parts[i + 3]!, Time(parts[i + 4])!.Value));
        }

        return letters;
    }

    // A letter whose payload can't be read is shown with what there is of it.
    private static JobEnvelope Unpack(JobEnvelope job)
    {
        if (job.Traits?.Stored is not { } stored)
            return job;
        try
        {
            return job with { Payload = PayloadStore.Unpack(job.Payload, stored), Traits = job.Traits with { Stored = null } };
        }
        catch (JobPayloadException)
        {
            return job;
        }
    }

    internal static DateTimeOffset? Time(RedisValue milliseconds) => milliseconds.IsNull
        ? null
        : DateTimeOffset.FromUnixTimeMilliseconds((long)double.Parse((string)milliseconds!, CultureInfo.InvariantCulture));
}
