using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.InMemory;

/// <content>What is kept of jobs that have ended.</content>
public sealed partial class InMemoryJobQueue
{
    public ValueTask<JobPage> FindJobsAsync(string queue, JobFilter filter, string? after, int count, CancellationToken cancellationToken)
    {
        QueueName.ThrowIfInvalid(queue);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (Gate)
            return ValueTask.FromResult(Find(queue)?.Find(filter, after, count) ?? new JobPage([], Next: null));
    }

    public ValueTask<JobSelection> FindDeadLettersAsync(string queue, DeadLetterFilter filter, string? after, int count, CancellationToken cancellationToken)
    {
        QueueName.ThrowIfInvalid(queue);
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        lock (Gate)
            return ValueTask.FromResult(Find(queue)?.FindDead(filter, after, count) ?? new JobSelection([], Next: null));
    }

    public ValueTask<int> DrainAsync(string queue, bool delayed, int max, CancellationToken cancellationToken)
    {
        QueueName.ThrowIfInvalid(queue);
        ArgumentOutOfRangeException.ThrowIfLessThan(max, 1);
        int ended;
        lock (Gate)
            ended = Find(queue)?.Drain(delayed, max) ?? 0;
        Signal();
        return ValueTask.FromResult(ended);
    }

    public ValueTask<RerunOutcome> RerunAsync(JobId id, CancellationToken cancellationToken)
    {
        RerunOutcome outcome;
        lock (Gate)
            outcome = Find(id.Queue)?.Rerun(id) ?? RerunOutcome.NotFound;
        Signal();
        return ValueTask.FromResult(outcome);
    }

    public ValueTask<DeleteOutcome> DeleteJobAsync(JobId id, CancellationToken cancellationToken)
    {
        lock (Gate)
            return ValueTask.FromResult(Find(id.Queue)?.DeleteJob(id) ?? DeleteOutcome.NotFound);
    }
}
