using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Queues;

/// <content>What is kept of jobs that have ended.</content>
public abstract partial class DelegatingJobQueue
{
    public virtual ValueTask<JobPage> FindJobsAsync(
        string queue, JobFilter filter, string? after, int count, CancellationToken cancellationToken) =>
        Inner.FindJobsAsync(queue, filter, after, count, cancellationToken);

    public virtual ValueTask<JobSelection> FindDeadLettersAsync(
        string queue, DeadLetterFilter filter, string? after, int count, CancellationToken cancellationToken) =>
        Inner.FindDeadLettersAsync(queue, filter, after, count, cancellationToken);

    public virtual ValueTask<int> DrainAsync(string queue, bool delayed, int max, CancellationToken cancellationToken) =>
        Inner.DrainAsync(queue, delayed, max, cancellationToken);

    public virtual ValueTask<RerunOutcome> RerunAsync(JobId id, CancellationToken cancellationToken) => Inner.RerunAsync(id, cancellationToken);

    public virtual ValueTask<DeleteOutcome> DeleteJobAsync(JobId id, CancellationToken cancellationToken) => Inner.DeleteJobAsync(id, cancellationToken);
}
