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
    /// Nothing of it is repeated by itself. Where it ends with an exception, what was accepted by then is accepted, and its results have come before the exception, but
    /// for the jobs of a request whose answer was lost: they may be there.
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
        var path = $"{JobsOf(queue)}/bulk";
        var first = 0L;
        while (await source.WaitAsync(cancellationToken).ConfigureAwait(false))
        {
            using var content = new JobLinesContent(source, queue, _options.BulkRequestJobs);
            var (answer, failure) = await SendAsync(path, content, cancellationToken).ConfigureAwait(false);
            foreach (var result in answer.Results)
                yield return result.From(first);
            if (failure is not null)
                throw failure;
            first += content.Sent;
            source.ThrowIfFailed();
        }
    }

    /// <param name="queue">The queue of all of them.</param>
    /// <param name="jobs">The source. It should not block for seconds: only an asynchronous one can be left while it waits.</param>
    /// <param name="cancellationToken">Ends the bulk.</param>
    /// <inheritdoc cref="EnqueueManyAsync(string, IAsyncEnumerable{JobRequest}, CancellationToken)"/>
    public IAsyncEnumerable<BulkJobResult> EnqueueManyAsync(string queue, IEnumerable<JobRequest> jobs, CancellationToken cancellationToken = default) =>
        EnqueueManyAsync(queue, jobs.ToAsyncEnumerable(), cancellationToken);

    private async Task<(BulkAnswer Answer, Exception? Failure)> SendAsync(string path, JobLinesContent content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };

        // A key that is refused is heard of before the jobs are sent.
        request.Headers.ExpectContinue = true;
        using var response = await _calls.StreamAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return (await ApiCalls.ReadAsync(response, ClientJsonContext.Default.BulkAnswer, cancellationToken).ConfigureAwait(false), null);

        // The answer to a request that broke off has the results until then.
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        return (ResultsOf(body), Problems.From(response, body, _time));
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
