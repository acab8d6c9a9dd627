using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>Tells the broker how far jobs are: one script call for all jobs of a queue.</summary>
internal sealed class ProgressWriter(RedisServices services, string consumer)
{
    private const int BatchSize = 500;

    public async Task WriteAsync(IReadOnlyList<JobProgressReport> reports)
    {
        foreach (var report in reports)
            report.ThrowIfInvalid();
        var calls =
            from queue in reports.Where(r => r.Lease.Job.Id.IsTracked).GroupBy(r => r.Lease.Job.Id.Queue, StringComparer.Ordinal)
            from batch in queue.Chunk(BatchSize)
            select services.Connection.EvaluateAsync(
                RedisScript.Progress, services.Queue(queue.Key).Keys, [consumer, .. batch.SelectMany(Arguments)]);
        await Task.WhenAll(calls).ConfigureAwait(false);
    }

    private static RedisValue[] Arguments(JobProgressReport report) =>
    [
        (int)report.Lease.Lane + 1, report.Lease.EntryId, report.Lease.Job.Id.Ulid, ProgressText.Share(report.Share), report.Note ?? "",
    ];
}
