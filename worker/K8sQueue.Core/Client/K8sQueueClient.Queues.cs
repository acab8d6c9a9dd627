using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using K8sQueue.Client.Http;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client;

public sealed partial class K8sQueueClient
{
    /// <summary>
    /// Cancels the jobs that wait in a queue, in requests of 1,000 until no more wait; those that run go on. Pause the queue first where producers go on. Where it ends with an
    /// exception, some of it is done: call it again. What a request did whose answer was lost is not counted.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="delayed">Whether those whose time has not come are meant too.</param>
    /// <param name="cancellationToken">Stops it between two requests, or in one.</param>
    /// <returns>How many were cancelled.</returns>
    public async Task<long> DrainAsync(string queue, bool delayed = false, CancellationToken cancellationToken = default)
    {
        var drained = 0L;
        DrainAnswer part;
        do
        {
            part = await DrainPartAsync(queue, delayed, dryRun: false, cancellationToken).ConfigureAwait(false);
            drained += part.Drained;
        }
        while (part is { Drained: > 0, Remaining: > 0 });
        return drained;
    }

    /// <summary>How many jobs <see cref="DrainAsync"/> would cancel now.</summary>
    /// <inheritdoc cref="DrainAsync"/>
    public async Task<long> CountToDrainAsync(string queue, bool delayed = false, CancellationToken cancellationToken = default) =>
        (await DrainPartAsync(queue, delayed, dryRun: true, cancellationToken).ConfigureAwait(false)).Remaining;

    /// <summary>
    /// Puts the dead letters back that a filter takes, oldest first, in requests of 1,000; those that are buried meanwhile are left alone. Where it ends with an exception, some of it
    /// is done: call it again. What a request did whose answer was lost is not counted.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="filter">Which.</param>
    /// <param name="cancellationToken">Stops it between two requests, or in one.</param>
    /// <returns>How many were put back, and how many not since another job has their deduplication key.</returns>
    public async Task<(long Redriven, long Duplicates)> RedriveAllAsync(string queue, DeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        var (redriven, duplicates) = (0L, 0L);
        await foreach (var part in DeadLettersAsync("/redrive", queue, filter, dryRun: false, cancellationToken).ConfigureAwait(false))
            (redriven, duplicates) = (redriven + part.Redriven, duplicates + part.Duplicates);
        return (redriven, duplicates);
    }

    /// <summary>Deletes the dead letters that a filter takes for good, oldest first.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="filter">Which; one that takes all is refused.</param>
    /// <param name="cancellationToken">Stops it between two requests, or in one.</param>
    /// <returns>How many were deleted.</returns>
    /// <inheritdoc cref="RedriveAllAsync"/>
    public async Task<long> DeleteDeadLettersAsync(string queue, DeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        var deleted = 0L;
        await foreach (var part in DeadLettersAsync("", queue, filter, dryRun: false, cancellationToken).ConfigureAwait(false))
            deleted += part.Deleted;
        return deleted;
    }

    /// <summary>How many dead letters a filter takes now; it is told in parts, so that no call goes through millions.</summary>
    public async Task<long> CountDeadLettersAsync(string queue, DeadLetterFilter filter, CancellationToken cancellationToken = default)
    {
        var count = 0L;
        await foreach (var part in DeadLettersAsync("/redrive", queue, filter, dryRun: true, cancellationToken).ConfigureAwait(false))
            count += part.Matched;
        return count;
    }

    private async Task<DrainAnswer> DrainPartAsync(string queue, bool delayed, bool dryRun, CancellationToken cancellationToken)
    {
        var path = $"{PathOf(queue)}/drain?delayed={Text(delayed)}&limit={PartSize}&dryRun={Text(dryRun)}";
        return await CallAsync(() => ApiCalls.Post(path), ClientJsonContext.Default.DrainAnswer, cancellationToken).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<DeadLettersAnswer> DeadLettersAsync(
        string act, string queue, DeadLetterFilter filter, bool dryRun, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        string? next = null;
        do
        {
            var path = $"{PathOf(queue)}/dead-letters{act}{FilterText.Write(filter, ("cursor", next), ("limit", PartSize), ("dryRun", Text(dryRun)))}";
            var part = await CallAsync(
                () => act.Length > 0 ? ApiCalls.Post(path) : ApiCalls.Delete(path), ClientJsonContext.Default.DeadLettersAnswer, cancellationToken).ConfigureAwait(false);
            yield return part;
            next = part.Next;
        }
        while (next is not null);
    }

    private async Task<T> CallAsync<T>(Func<HttpRequestMessage> make, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await _calls.SendAsync(make, cancellationToken).ConfigureAwait(false);
        return await ApiCalls.ReadAsync(response, type, cancellationToken).ConfigureAwait(false);
    }

    private static string Text(bool value) => value ? "true" : "false";

    private static string PathOf(string queue)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        return $"v1/queues/{Uri.EscapeDataString(queue)}";
    }
}
