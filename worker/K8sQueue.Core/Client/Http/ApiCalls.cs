using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Polly;
using Polly.Retry;

namespace K8sQueue.Client.Http;

/// <summary>Sends requests with the key, within their time, and again where that is safe and may help.</summary>
internal sealed class ApiCalls(HttpClient http, K8sQueueClientOptions options, TimeProvider time)
{
    private const string Json = "application/json";

    private readonly ApiKeySource _key = new(options, time);
    private readonly ResiliencePipeline<HttpResponseMessage> _repeating = Repeating(options, time);

    public static HttpRequestMessage Get(string path) => new(HttpMethod.Get, path);

    // It always has a content: one that has none is repeated by the handler where the connection ends without an answer.
    public static HttpRequestMessage Post(string path, byte[]? json = null) => new(HttpMethod.Post, path)
    {
        Content = json is null ? new ByteArrayContent([]) : ContentOf(json),
    };

    public static HttpRequestMessage Put(string path, byte[] json) => new(HttpMethod.Put, path) { Content = ContentOf(json) };

    public static HttpRequestMessage Delete(string path) => new(HttpMethod.Delete, path);

    /// <summary>Sends a request that may be sent again, and returns a good answer.</summary>
    /// <param name="make">Makes the request, for each attempt anew.</param>
    /// <param name="more">How much longer than others an attempt may take.</param>
    /// <exception cref="K8sQueueException">There is no answer, or an error.</exception>
    public async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken, TimeSpan more = default)
    {
        try
        {
            return await GoodAsync(
                await _repeating.ExecuteAsync(
                    async attempt => await AttemptAsync(make, more, attempt).ConfigureAwait(false), cancellationToken).ConfigureAwait(false),
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsNoAnswer(e))
        {
            throw Problems.NoAnswer(http.BaseAddress, e);
        }
    }

    /// <summary>Sends a request that must not be sent again, and returns a good answer.</summary>
    /// <exception cref="K8sQueueException">There is no answer, or an error.</exception>
    public async Task<HttpResponseMessage> SendOnceAsync(Func<HttpRequestMessage> make, CancellationToken cancellationToken)
    {
        try
        {
            return await GoodAsync(await AttemptAsync(make, TimeSpan.Zero, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (IsNoAnswer(e))
        {
            throw Problems.NoAnswer(http.BaseAddress, e);
        }
    }

    /// <summary>
    /// Streams jobs, once and without a limit of time, and returns any answer, with what was sent. Where the key was refused before the jobs were asked for, and its
    /// file has another one by now, they are sent with that.
    /// </summary>
    /// <param name="path">Where to.</param>
    /// <param name="make">Makes the body, for each request anew.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="K8sQueueException">There is no answer, or no key.</exception>
    public async Task<(HttpResponseMessage Response, JobLinesContent Content)> StreamAsync(
        string path, Func<JobLinesContent> make, CancellationToken cancellationToken)
    {
        var key = _key.Current;
        var content = make();
        var response = await StreamAsync(path, content, key, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized || content.IsBegun || !_key.HasAnother(key))
            return (response, content);

        // It was replaced just now.
        response.Dispose();
        content = make();
        return (await StreamAsync(path, content, _key.Current, cancellationToken).ConfigureAwait(false), content);
    }

    /// <summary>Reads the body of an answer that is an error.</summary>
    /// <exception cref="K8sQueueUnavailableException">It broke off.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw Problems.Unreadable(response, e);
        }
    }

    /// <summary>Reads the body of a good answer.</summary>
    /// <exception cref="K8sQueueUnavailableException">It broke off, or is not what the API answers.</exception>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                return await JsonSerializer.DeserializeAsync(body, type, cancellationToken).ConfigureAwait(false)
                    ?? throw new JsonException("The answer is null.");
            }
        }
        catch (Exception e) when (e is JsonException or IOException or HttpRequestException)
        {
            throw Problems.Unreadable(response, e);
        }
    }

    private static bool IsNoAnswer(Exception e) => e is HttpRequestException or TimeoutException;

    private static ByteArrayContent ContentOf(byte[] json)
    {
        var content = new ByteArrayContent(json);
        content.Headers.ContentType = new MediaTypeHeaderValue(Json);
        return content;
    }

    private static void Authorize(HttpRequestMessage request, string? key)
    {
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
    }

    private static ResiliencePipeline<HttpResponseMessage> Repeating(K8sQueueClientOptions options, TimeProvider time)
    {
        if (options.MaxRetries == 0)
            return ResiliencePipeline<HttpResponseMessage>.Empty;
        return new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = options.MaxRetries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome switch
                {
                    { Exception: { } e } => IsNoAnswer(e),
                    { Result: { } response } => RetryRules.IsPassing(response, options.MaxRetryDelay, time),
                    _ => false,
                }),
                DelayGenerator = arguments => ValueTask.FromResult(
                    arguments.Outcome.Result is { } response ? RetryRules.RetryAfter(response, time) : null),
                OnRetry = static arguments =>
                {
                    arguments.Outcome.Result?.Dispose();
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
    }

    private async Task<HttpResponseMessage> AttemptAsync(Func<HttpRequestMessage> make, TimeSpan more, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.AttemptTimeout + more, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var key = _key.Current;
            var response = await SendAsync(make, key, either.Token).ConfigureAwait(false);
            if (response.StatusCode != HttpStatusCode.Unauthorized || !_key.HasAnother(key))
                return response;

            // It was replaced just now.
            response.Dispose();
            return await SendAsync(make, _key.Current, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"There was no answer within {options.AttemptTimeout + more}.", e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> make, string? key, CancellationToken cancellationToken)
    {
        using var request = make();
        Authorize(request, key);
        return await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellationToken).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> StreamAsync(string path, JobLinesContent content, string? key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };

        // A key that is refused is heard of before the jobs are sent.
        request.Headers.ExpectContinue = true;
        Authorize(request, key);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw Problems.NoAnswer(http.BaseAddress, e);
        }
    }

    private async Task<HttpResponseMessage> GoodAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
        {
            throw Problems.From(response, await ReadAsync(response, cancellationToken).ConfigureAwait(false), time);
        }
    }
}
