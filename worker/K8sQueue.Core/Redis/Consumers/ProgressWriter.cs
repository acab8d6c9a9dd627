using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis.Consumers;

/// <summary>Tells the broker how far jobs are: one script call for all jobs of a queue.</summary>
internal sealed class ProgressWriter(RedisServices services, QueueHandle[] queues, string consumer)
{
    private const int BatchSize = 500;

    public async Task WriteAsync(IReadOnlyList<JobProgressReport> reports)
    {
        foreach (var report in reports)
            report.ThrowIfInvalid();
        foreach (var queue in queues)
        {
            foreach (var batch in reports.Where(r => r.Lease.Job.Id.IsTracked && r.Lease.Job.Id.Queue == queue.Name).Chunk(BatchSize))
            {
                RedisValue[] arguments = [consumer, .. batch.SelectMany(Arguments)];
                await services.Connection.EvaluateAsync(RedisScript.Progress, queue.Keys, arguments).ConfigureAwait(false);
            }
        }
    }

    private static RedisValue[] Arguments(JobProgressReport report) =>
    [
        (int)report.Lease.Lane + 1, report.Lease.EntryId, report.Lease.Job.Id.Ulid, ProgressText.Share(report.Share), report.Note ?? "",
    ];
}
