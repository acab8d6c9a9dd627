using System.Globalization;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Batches;

/// <summary>Batches: their records first, then their jobs, then the word that all of them are there.</summary>
internal sealed class RedisBatches(RedisServices services, RedisHealth health, RedisEnqueuer enqueuer, RedisReader reader)
{
    private const int FixedParts = 10;

    public async Task EnqueueAsync(BatchPlan plan)
    {
        await health.EnsureAsync().ConfigureAwait(false);
        await Task.WhenAll(plan.Batches.Select(b => b.Id.Queue).Distinct().Select(q => services.RegisterAsync(services.Queue(q)))).ConfigureAwait(false);
        await Task.WhenAll(plan.Batches.Select(PutAsync)).ConfigureAwait(false);
        await enqueuer.EnqueueAsync([.. plan.Jobs.Select(j => j.Request)], [.. plan.Jobs.Select(j => j.Id)]).ConfigureAwait(false);
        await Task.WhenAll(plan.Batches.GroupBy(b => b.Id.Queue, StringComparer.Ordinal).Select(SealAsync)).ConfigureAwait(false);
    }

    public async Task<BatchStatus?> GetAsync(BatchId id, int offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        var reply = await services.Connection
            .EvaluateAsync(RedisScript.Batch, services.Peek(id.Queue).Keys, [id.Ulid, offset, count]).ConfigureAwait(false);
        var parts = (RedisValue[])reply!;
        if (parts.Length == 0)
            return null;
        return new BatchStatus
        {
            Id = id,
            Total = (int)parts[0],
            Open = (int)parts[1],
            Failed = (int)parts[2],
            CreatedAt = Time(parts[3]!)!.Value,
            EndedAt = Time(parts[4]!),
            IsSealed = (int)parts[5] == 1,
            OnComplete = JobId.TryCreate(id.Queue, (string)parts[6]!, out var complete) ? complete : null,
            OnSuccess = JobId.TryCreate(id.Queue, (string)parts[7]!, out var success) ? success : null,
            SuccessCalled = (int)parts[8] == 1,
            CallbackMemberOf = BatchId.TryParse(parts[9], out var outer) ? outer : null,
            Jobs = await JobsAsync(parts).ConfigureAwait(false),
        };
    }

    private async Task<IReadOnlyList<BatchJob>> JobsAsync(RedisValue[] parts)
    {
        var jobs = new List<BatchJob>();
        for (var i = FixedParts; i < parts.Length; i += 2)
        {
            if (JobId.TryParse(parts[i], out var id))
                jobs.Add(new BatchJob(id, (int)parts[i + 1] switch { 0 => BatchJobState.Open, 1 => BatchJobState.Failed, _ => BatchJobState.Succeeded }, null));
        }

        var records = await Task.WhenAll(jobs.Select(j => reader.GetJobAsync(j.Id))).ConfigureAwait(false);
        return [.. jobs.Zip(records, (job, record) => job with { Record = record })];
    }

    private async Task PutAsync(PlannedBatch batch)
    {
        var queue = services.Queue(batch.Id.Queue);
        RedisValue[] arguments =
        [
            RedisServices.LayoutVersion, batch.Id.Ulid, EntryHeader.Milliseconds(BatchLimits.UnsealedRetention),
            .. Callback(batch.OnComplete), .. Callback(batch.OnSuccess), .. batch.Jobs.Select(id => (RedisValue)id.Value),
        ];
        var fresh = await services.Connection.EvaluateAsync(RedisScript.PutBatch, queue.Keys, arguments).ConfigureAwait(false);
        if ((int)fresh == 1)
            await services.RegisterAgainAsync(queue).ConfigureAwait(false);
    }

    private RedisValue[] Callback(PlannedJob? job)
    {
        if (job is null)
            return ["", "", "", "", ""];
        var request = services.Payloads.Pack([job.Request])[0];
        return
        [
            job.Id.Ulid, EntryHeader.Head(job.Id), EntryHeader.Tail(request), EntryHeader.Milliseconds(request.Delay), request.Payload.ToArray(),
        ];
    }

    private Task SealAsync(IGrouping<string, PlannedBatch> batches) => services.Connection.EvaluateAsync(
        RedisScript.SealBatches,
        services.Queue(batches.Key).Keys,
        [EntryHeader.Milliseconds(BatchLimits.LongestRetention), .. batches.Select(b => (RedisValue)b.Id.Ulid)]);

    private static DateTimeOffset? Time(string milliseconds) =>
        long.TryParse(milliseconds, NumberStyles.None, CultureInfo.InvariantCulture, out var ms) ? DateTimeOffset.FromUnixTimeMilliseconds(ms) : null;
}
