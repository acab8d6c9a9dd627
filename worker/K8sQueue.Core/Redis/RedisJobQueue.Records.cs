using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Redis;

/// <content>What is kept of jobs that have ended.</content>
public sealed partial class RedisJobQueue
{
    public async ValueTask<JobPage> FindJobsAsync(
        string queue, JobFilter filter, string? after, int count, CancellationToken cancellationToken) =>
        await _finder.FindAsync(queue, filter, after, count).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<RerunOutcome> RerunAsync(JobId id, CancellationToken cancellationToken) =>
        await EvaluateAsync(RedisScript.Rerun, id, cancellationToken).ConfigureAwait(false) switch
        {
            1 => RerunOutcome.Enqueued,
            2 => RerunOutcome.Duplicate,
            3 => RerunOutcome.NotEnded,
            4 => RerunOutcome.NotKept,
            _ => RerunOutcome.NotFound,
        };

    public async ValueTask<DeleteOutcome> DeleteJobAsync(JobId id, CancellationToken cancellationToken) =>
        await EvaluateAsync(RedisScript.DeleteJob, id, cancellationToken).ConfigureAwait(false) switch
        {
            1 => DeleteOutcome.Deleted,
            2 => DeleteOutcome.NotEnded,
            _ => DeleteOutcome.NotFound,
        };

    private async Task<int> EvaluateAsync(RedisScript script, JobId id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (int)await _services.Connection.EvaluateAsync(script, _services.Peek(id.Queue).Keys, [id.Ulid]).ConfigureAwait(false);
    }
}
