using System.Runtime.CompilerServices;
using System.Text.Json;
using K8sQueue.Client.Http;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client;

public sealed partial class K8sQueueClient
{
    /// <summary>
    /// Streams jobs into a queue as they come, and returns what became of each; the results of a request are not sorted. A request ends after
    /// <see cref="K8sQueueClientOptions.BulkRequestJobs"/> jobs, or when it has waited for the source for <see cref="K8sQueueClientOptions.BulkLinger"/> in all. A slow
    /// broker slows the source; memory stays bounded.
    /// <para>
    /// Nothing of it is repeated by itself, but for a request whose key was refused before it had any job, since the key was replaced just now. Where it ends with an
    /// exception, what was accepted by then is accepted, and its results have come before the exception, but for the jobs of a request whose answer was lost: they may be
    /// there.
    /// </para>
    /// </summary>
    /// <param name="queue">
    /// The queue of all of them: <see cref="JobRequest.Queue"/> must be this, or empty. <see cref="JobRequest.TraceParent"/> is not sent: all have the trace of the call.
    /// </param>
    /// <param name="jobs">
    /// The source. It is cancelled when the bulk ends before it, by an exception or since no more results are read; one that does not heed that is waited for.
    /// </param>
    /// <param name="cancellationToken">Ends the bulk.</param>
    public async IAsyncEnumerable<BulkJobResult> EnqueueManyAsync(
        string queue, IAsyncEnumerable<JobRequest> jobs, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(queue);
        ArgumentNullException.ThrowIfNull(jobs);
        await using var source = new JobSource(jobs, _options.BulkLinger, _time, cancellationToken);
        var first = 0L;
        while (await source.WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            var (answer, sent, failure) = await SendAsync(queue, source, cancellationToken).ConfigureAwait(false);
            foreach (var result in answer.Results)
                yield return result.From(first);
            if (failure is not null)
                throw failure;
            first += sent;
            source.ThrowIfFailed();
        }
    }

    /// <param name="queue">The queue of all of them.</param>
    /// <param name="jobs">The source. It should not block for seconds: only an asynchronous one can be left while it waits.</param>
    /// <param name="cancellationToken">Ends the bulk.</param>
    /// <inheritdoc cref="EnqueueManyAsync(string, IAsyncEnumerable{JobRequest}, CancellationToken)"/>
    public IAsyncEnumerable<BulkJobResult> EnqueueManyAsync(string queue, IEnumerable<JobRequest> jobs, CancellationToken cancellationToken = default) =>
        EnqueueManyAsync(queue, jobs.ToAsyncEnumerable(), cancellationToken);

    private async Task<(BulkAnswer Answer, int Sent, Exception? Failure)> SendAsync(string queue, JobSource source, CancellationToken cancellationToken)
    {
        var (response, content) = await _calls.StreamAsync(
            $"{JobsOf(queue)}/bulk", () => new JobLinesContent(source, queue, _options.BulkRequestJobs), cancellationToken).ConfigureAwait(false);
        using (response)
        {
            if (response.IsSuccessStatusCode)
                return (await ApiCalls.ReadAsync(response, ClientJsonContext.Default.BulkAnswer, cancellationToken).ConfigureAwait(false), content.Sent, null);

            // The answer to a request that broke off has the results until then.
            var body = await ApiCalls.ReadAsync(response, cancellationToken).ConfigureAwait(false);
            return (ResultsOf(body), content.Sent, Problems.From(response, body, _time));
        }
    }

    private static BulkAnswer ResultsOf(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, ClientJsonContext.Default.BulkAnswer) ?? BulkAnswer.Empty;
        }
        catch (JsonException)
        {
            return BulkAnswer.Empty;
        }
    }
}
