using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Api.Tests;

/// <content>What is kept of jobs that have ended.</content>
internal sealed partial class FaultyQueue
{
    public ValueTask<JobPage> FindJobsAsync(string queue, JobFilter filter, string? after, int count, CancellationToken cancellationToken) =>
        Inner.FindJobsAsync(queue, filter, after, count, cancellationToken);

    public ValueTask<JobSelection> FindDeadLettersAsync(
        string queue, DeadLetterFilter filter, string? after, int count, CancellationToken cancellationToken) =>
        Inner.FindDeadLettersAsync(queue, filter, after, count, cancellationToken);

    public ValueTask<int> DrainAsync(string queue, bool delayed, int max, CancellationToken cancellationToken) =>
        Inner.DrainAsync(queue, delayed, max, cancellationToken);

    public ValueTask<RerunOutcome> RerunAsync(JobId id, CancellationToken cancellationToken) => Inner.RerunAsync(id, cancellationToken);

    public ValueTask<DeleteOutcome> DeleteJobAsync(JobId id, CancellationToken cancellationToken) => Inner.DeleteJobAsync(id, cancellationToken);

    public ValueTask<KeptPayload?> ReadPayloadAsync(JobId id, int maxBytes, CancellationToken cancellationToken) => Inner.ReadPayloadAsync(id, maxBytes, cancellationToken);
}
