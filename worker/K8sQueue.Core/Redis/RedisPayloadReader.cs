using System.Globalization;
using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>Reads the payload of a tracked job where its record says that it stands. The job may have moved on before the second read: then there is nothing.</summary>
internal sealed class RedisPayloadReader(RedisServices services)
{
    public async Task<KeptPayload?> ReadAsync(JobId id, int maxBytes)
    {
        if (!id.IsTracked)
            return null;
        var names = services.Peek(id.Queue).Names;
        var record = await ReadHashAsync(names.JobKey(id), "s", "l", "e", "h", "d").ConfigureAwait(false);
        var (header, payload) = (string?)record[0] switch
        {
            nameof(JobState.Waiting) or nameof(JobState.Running) => await ReadEntryAsync(names, record[1], record[2]).ConfigureAwait(false),
            nameof(JobState.Delayed) or nameof(JobState.Parked) =>
                await ReadHashAsync(names.DelayedJobs, $"{id.Ulid}:h", $"{id.Ulid}:p").ConfigureAwait(false) is [var h, var p] ? (h, p) : default,
            nameof(JobState.Cancelled) => (record[3], record[4]),
            _ => default,
        };
        return !header.IsNull && !payload.IsNull && EntryHeader.TryParse(id.Queue, Encoding.UTF8.GetString((byte[])header!), (byte[])payload!) is { } job && job.Id == id
            ? await LoadAsync(job, maxBytes).ConfigureAwait(false)
            : null;
    }

    // A payload that is compressed is as large as it was before.
    private async Task<KeptPayload?> LoadAsync(JobEnvelope job, int maxBytes)
    {
        if (job.Traits?.Stored is not { } stored)
            return KeptPayload.Of(job.Payload, maxBytes);
        if ((stored.OriginalBytes ?? stored.ApartBytes) is { } bytes && bytes > maxBytes)
            return new KeptPayload(bytes, Content: null);
        try
        {
            return KeptPayload.Of((await services.Payloads.LoadAsync(job).ConfigureAwait(false)).Payload, maxBytes);
        }
        catch (JobPayloadException)
        {
            return null;
        }
    }

    private async Task<(RedisValue Header, RedisValue Payload)> ReadEntryAsync(RedisKeys names, RedisValue lane, RedisValue entry)
    {
        // Lanes are counted from 1 there.
        if (!int.TryParse((string?)lane, CultureInfo.InvariantCulture, out var number) || number < 1 || number > names.Lanes.Count || entry.IsNullOrEmpty)
            return default;
        var found = (RedisResult[])(await services.Connection.ExecuteAsync("XRANGE", (RedisKey)names.Lanes[number - 1], entry, entry).ConfigureAwait(false))!;
        return found is [var one] && (RedisValue[])((RedisResult[])one!)[1]! is [_, var header, _, var payload] ? (header, payload) : default;
    }

    private async Task<RedisValue[]> ReadHashAsync(string key, params string[] fields) =>
        (RedisValue[])(await services.Connection.ExecuteAsync("HMGET", [(RedisKey)key, .. fields]).ConfigureAwait(false))!;
}
