using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <content>What is kept of jobs that have ended.</content>
public sealed partial class RedisJobQueue
{
    // How many jobs a call of the server ends: others wait for it some milliseconds.
    private const int DrainPart = 250;

    public async ValueTask<JobPage> FindJobsAsync(
        string queue, JobFilter filter, string? after, int count, CancellationToken cancellationToken) =>
        await _finder.FindAsync(queue, filter, after, count).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<JobSelection> FindDeadLettersAsync(
        string queue, DeadLetterFilter filter, string? after, int count, CancellationToken cancellationToken) =>
        await _finder.FindDeadAsync(queue, filter, after, count).WaitAsync(cancellationToken).ConfigureAwait(false);

    public async ValueTask<int> DrainAsync(string queue, bool delayed, int max, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        var keys = _services.Peek(queue).Keys;
        var retention = EntryHeader.Milliseconds(_services.Options.CompletedRetention);
        var drained = 0;
        while (drained < max)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = Math.Min(DrainPart, max - drained);
            var ended = (int)await _services.Connection.EvaluateAsync(RedisScript.Drain, keys, [part, delayed ? 1 : 0, retention]).ConfigureAwait(false);
            drained += ended;
            if (ended < part)
                break;
        }

        return drained;
    }

    public async ValueTask<RerunOutcome> RerunAsync(JobId id, CancellationToken cancellationToken)
    {
        const int InNewQueue = 5;
        var answer = await EvaluateAsync(RedisScript.Rerun, id, [RedisServices.LayoutVersion], cancellationToken).ConfigureAwait(false);
        if (answer == InNewQueue)
            await _services.RegisterAgainAsync(_services.Queue(id.Queue)).ConfigureAwait(false);
        return answer switch
        {
            1 or InNewQueue => RerunOutcome.Enqueued,
            2 => RerunOutcome.Duplicate,
            3 => RerunOutcome.NotEnded,
            4 => RerunOutcome.NotKept,
            _ => RerunOutcome.NotFound,
        };
    }

    public async ValueTask<DeleteOutcome> DeleteJobAsync(JobId id, CancellationToken cancellationToken) =>
        await EvaluateAsync(RedisScript.DeleteJob, id, [], cancellationToken).ConfigureAwait(false) switch
        {
            1 => DeleteOutcome.Deleted,
            2 => DeleteOutcome.NotEnded,
            _ => DeleteOutcome.NotFound,
        };

    private async Task<int> EvaluateAsync(RedisScript script, JobId id, RedisValue[] more, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return (int)await _services.Connection.EvaluateAsync(script, _services.Peek(id.Queue).Keys, [id.Ulid, .. more]).ConfigureAwait(false);
    }
}
