using System.Runtime.CompilerServices;
using K8sQueue.Client.Http;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Client;

public sealed partial class K8sQueueClient
{
    private const string PartSize = "1000";

    /// <summary>
    /// Lets a dead letter, or a tracked job that was cancelled, run again with all its attempts. A call that had to be repeated may say
    /// <see cref="RerunOutcome.NotEnded"/> of its own work.
    /// </summary>
    public async Task<RerunOutcome> RetryAsync(JobId id, CancellationToken cancellationToken = default)
    {
        try
        {
            using var response = await _calls.SendAsync(() => ApiCalls.Post($"{PathOf(id)}/retry"), cancellationToken).ConfigureAwait(false);
            return RerunOutcome.Enqueued;
        }
        catch (K8sQueueNotFoundException e) when (IsOfJob(e))
        {
            return RerunOutcome.NotFound;
        }
        catch (K8sQueueRefusedException e) when (e.ProblemType is "duplicate-job" or "job-not-ended" or "job-not-kept")
        {
            return e.ProblemType switch
            {
                "duplicate-job" => RerunOutcome.Duplicate,
                "job-not-ended" => RerunOutcome.NotEnded,
                _ => RerunOutcome.NotKept,
            };
        }
    }

    /// <summary>
    /// Deletes what is kept of a job that has ended: its record, and it itself where it is a dead letter. A call that had to be repeated may say
    /// <see cref="DeleteOutcome.NotFound"/> of its own work.
    /// </summary>
    public async Task<DeleteOutcome> DeleteAsync(JobId id, CancellationToken cancellationToken = default)
    {
        try
        {
            using var response = await _calls.SendAsync(() => ApiCalls.Delete(PathOf(id)), cancellationToken).ConfigureAwait(false);
            return DeleteOutcome.Deleted;
        }
        catch (K8sQueueNotFoundException e) when (IsOfJob(e))
        {
            return DeleteOutcome.NotFound;
        }
        catch (K8sQueueRefusedException e) when (e.ProblemType == "job-not-ended")
        {
            return DeleteOutcome.NotEnded;
        }
    }

    /// <summary>
    /// Looks through a queue's jobs of one state, tracked or not, page by page as they are read, without results. Those that wait or run come in the order of the lanes,
    /// delayed and parked ones by their times, and those that have ended newest first. What changes meanwhile may be missed.
    /// </summary>
    /// <exception cref="K8sQueueRefusedException">The filter is not valid (<c>invalid-parameter</c>).</exception>
    public async IAsyncEnumerable<JobRecord> FindAsync(
        string queue, JobFilter filter, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentNullException.ThrowIfNull(filter);
        string? after = null;
        do
        {
            var path = JobsOf(queue) + FilterText.Write(filter, ("after", after));
            using var response = await _calls.SendAsync(() => ApiCalls.Get(path), cancellationToken).ConfigureAwait(false);
            var page = await ApiCalls.ReadAsync(response, ClientJsonContext.Default.JobListAnswer, cancellationToken).ConfigureAwait(false);
            foreach (var job in page.Jobs ?? [])
                yield return job;
            after = page.Next;
        }
        while (after is not null);
    }

    /// <summary>How many jobs <see cref="CancelAllAsync"/> would find now; it is told in parts, so that no call goes through millions.</summary>
    /// <inheritdoc cref="CancelAllAsync"/>
    public Task<int> CountToCancelAsync(string queue, JobFilter filter, CancellationToken cancellationToken = default) =>
        CountAsync(JobAction.Cancel, queue, filter, cancellationToken);

    /// <summary>
    /// Cancels the jobs that a filter takes, in requests of 1,000 until there are no more; with <see cref="JobFilter.Before"/> those that come meanwhile are left alone. Where it
    /// ends with an exception, some of it is done: call it again. What a request did whose answer was lost is not counted.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="filter">Which, of a state that is not an end.</param>
    /// <param name="cancellationToken">Stops it between two requests, or in one.</param>
    public Task<JobActionResult> CancelAllAsync(string queue, JobFilter filter, CancellationToken cancellationToken = default) =>
        ActAsync(JobAction.Cancel, queue, filter, cancellationToken);

    /// <summary>Lets the dead letters or cancelled jobs run again that a filter takes.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="filter">Which: <see cref="JobState.Dead"/> or <see cref="JobState.Cancelled"/> ones.</param>
    /// <param name="cancellationToken">Stops it between two requests, or in one.</param>
    /// <inheritdoc cref="CancelAllAsync"/>
    public Task<JobActionResult> RetryAllAsync(string queue, JobFilter filter, CancellationToken cancellationToken = default) =>
        ActAsync(JobAction.Retry, queue, filter, cancellationToken);

    /// <summary>Deletes what is kept of the ended jobs that a filter takes.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="filter">Which, of a state that is an end.</param>
    /// <param name="cancellationToken">Stops it between two requests, or in one.</param>
    /// <inheritdoc cref="CancelAllAsync"/>
    public Task<JobActionResult> DeleteAllAsync(string queue, JobFilter filter, CancellationToken cancellationToken = default) =>
        ActAsync(JobAction.Delete, queue, filter, cancellationToken);

    private async Task<int> CountAsync(JobAction action, string queue, JobFilter filter, CancellationToken cancellationToken)
    {
        var count = 0;
        await foreach (var part in PartsAsync(action, queue, filter, dryRun: true, cancellationToken).ConfigureAwait(false))
            count += part.Matched;
        return count;
    }

    private async Task<JobActionResult> ActAsync(JobAction action, string queue, JobFilter filter, CancellationToken cancellationToken)
    {
        var total = default(JobActionResult);
        await foreach (var part in PartsAsync(action, queue, filter, dryRun: false, cancellationToken).ConfigureAwait(false))
            total = total.Plus(new JobActionResult(part.Done, part.Requested, part.Skipped));
        return total;
    }

    private async IAsyncEnumerable<JobActionAnswer> PartsAsync(
        JobAction action, string queue, JobFilter filter, bool dryRun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentNullException.ThrowIfNull(filter);
        string? after = null;
        do
        {
            var query = FilterText.Write(filter, ("after", after), ("limit", PartSize), ("dryRun", Text(dryRun)));
            var part = await CallAsync(
                () => action switch
                {
                    JobAction.Cancel => ApiCalls.Post($"{JobsOf(queue)}/cancel{query}"),
                    JobAction.Retry => ApiCalls.Post($"{JobsOf(queue)}/retry{query}"),
                    _ => ApiCalls.Delete(JobsOf(queue) + query),
                },
                ClientJsonContext.Default.JobActionAnswer,
                cancellationToken).ConfigureAwait(false);
            yield return part;
            after = part.Next;
        }
        while (after is not null);
    }

    private static string JobsOf(string queue) => $"v1/queues/{Uri.EscapeDataString(queue)}/jobs";
}
