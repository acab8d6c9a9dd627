using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using K8sQueue.Core.Dialling;
using K8sQueue.Worker.Telemetry;
using Polly;
using Polly.Timeout;

namespace K8sQueue.Worker.Handlers.Http;

/// <summary>
/// Posts a job's payload to a URL. 2xx is done; 408, 425, 429, 5xx, time-outs and broken connections are tried again, a few times within
/// the attempt and then by the queue; everything else is a dead letter. Redirects are followed where they keep method and origin (307 and 308), nowhere else.
/// </summary>
internal sealed class HttpJobHandler(HttpHandlerOptions options, TimeProvider time) : IDisposable
{
    private const int MaxRedirects = 3;

    private readonly SigningSecret _secret = new(options);
    private readonly HttpMessageInvoker _client = GuardedConnector.CreateClient(options.AllowLinkLocal);
    private readonly ResiliencePipeline<HttpResponseMessage> _retries = HttpRetries.Create(options, time);

    public async Task HandleAsync(JobContext context, CancellationToken cancellationToken)
    {
        var mediaType = HttpJobPayload.MediaTypeOf(context.Payload.Span);
        try
        {
            using var response = await _retries.ExecuteAsync(
                async token => await CallAsync(context, mediaType, token).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            await EndAsync(context, response, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutRejectedException e)
        {
            throw new RetryJobException($"{options.Url.GetLeftPart(UriPartial.Path)} did not answer within {e.Timeout.TotalSeconds:0.###} s", e);
        }
        catch (HttpRequestException e) when (e.InnerException is GuardedAddressException guarded)
        {
            throw new UnrecoverableJobException(GuardedConnector.Reason(guarded), e);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<HttpResponseMessage> CallAsync(JobContext context, string mediaType, CancellationToken cancellationToken)
    {
        var url = options.Url;
        for (var redirects = 0; ; redirects++)
        {
            using var request = CreateRequest(url, context, mediaType);
            var response = await _client.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (redirects == MaxRedirects || SameOriginRedirect(url, response) is not { } next)
                return response;
            url = next;
            response.Dispose();
        }
    }

    private HttpRequestMessage CreateRequest(Uri url, JobContext context, string mediaType)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ReadOnlyMemoryContent(context.Payload),
            Version = HttpVersion.Version11,
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        var headers = request.Headers;
        headers.TryAddWithoutValidation("User-Agent", "k8squeue-worker");
        headers.TryAddWithoutValidation("Idempotency-Key", context.JobId.Value);
        headers.TryAddWithoutValidation("X-K8sQueue-Job-Id", context.JobId.Value);
        headers.TryAddWithoutValidation("X-K8sQueue-Type", Uri.EscapeDataString(context.Type));
        headers.TryAddWithoutValidation("X-K8sQueue-Queue", context.Queue);
        headers.TryAddWithoutValidation("X-K8sQueue-Attempt", context.Attempt.ToString(CultureInfo.InvariantCulture));
        headers.TryAddWithoutValidation("X-K8sQueue-Fencing-Token", context.FencingToken.ToString(CultureInfo.InvariantCulture));
        if (context.ScheduledFor is { } due)
        {
            headers.TryAddWithoutValidation("X-K8sQueue-Schedule", context.Schedule);
            headers.TryAddWithoutValidation("X-K8sQueue-Scheduled-For", JobTimes.Text(due));
        }

        if (context.Batch is { } batch)
            headers.TryAddWithoutValidation("X-K8sQueue-Batch", batch.Value);
        if (WorkerTracing.TraceParent(context) is { } traceParent)
            headers.TryAddWithoutValidation("traceparent", traceParent);
        if (_secret.Read() is { } secret)
            HttpSignature.Sign(request, secret, context.Payload, time.GetUtcNow());
        return request;
    }

    private static Uri? SameOriginRedirect(Uri url, HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            || response.Headers.Location is not { } location)
            return null;
        var next = new Uri(url, location);
        return Uri.Compare(url, next, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0
            ? next
            : null;
    }

    private async Task EndAsync(JobContext context, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
        {
            if (await HttpJobResponse.ReadResultAsync(response, cancellationToken).ConfigureAwait(false) is { } result)
                context.SetResult(result);
            return;
        }

        var message = await HttpJobResponse.DescribeAsync(response, cancellationToken).ConfigureAwait(false);
        if (HttpRetries.IsPassing((int)response.StatusCode))
            throw new RetryJobException(message, HttpRetries.RetryAfter(response, time));
        throw new UnrecoverableJobException(message);
    }
}
