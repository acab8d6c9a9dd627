using System.Net;
using System.Net.Http.Headers;
using K8sQueue.Kubernetes.Authentication;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Telemetry;

namespace K8sQueue.Kubernetes.Client;

/// <summary>
/// Sends requests: credentials, impersonation, and the retries that are safe. A 429 or 5xx is tried again only where the server says when
/// (Retry-After); a connection that broke, only for a GET; a 401, once, with a renewed credential.
/// </summary>
internal sealed class KubernetesTransport : IDisposable
{
    private const int MaxRetries = 10;
    private const int MaxBrokenConnections = 2;

    private readonly KubernetesClientConfiguration _configuration;
    private readonly KubernetesConnections _connections;
    private readonly TimeProvider _time;
    private readonly string _userAgent;
    private readonly RestClientMetrics? _metrics;

    public KubernetesTransport(KubernetesClientConfiguration configuration, string userAgent, TimeProvider time, RestClientMetrics? metrics = null)
    {
        _metrics = metrics;
        _configuration = configuration;
        _userAgent = userAgent;
        _time = time;
        _connections = new KubernetesConnections(configuration, time);
    }

    /// <summary>Sends until there is an answer that is no failure; the caller disposes it. Its body is not read yet.</summary>
    /// <exception cref="KubernetesApiException">The server refused, or could not be reached.</exception>
    public async Task<HttpResponseMessage> SendAsync(KubernetesRequest request, Deadline deadline)
    {
        var (broken, unauthorized, renewed) = (0, false, false);
        for (var attempt = 0; ; attempt++)
        {
            HttpResponseMessage response;
            Credential credential;
            KubernetesConnections.Pool? pool = null;
            try
            {
                credential = await _configuration.Credentials.GetAsync(deadline.Token).ConfigureAwait(false);
                pool = _connections.For(credential);
                response = await MeasureAsync(request, attempt, () => SendOnceAsync(request, credential, pool.Invoker, deadline.Token)).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (!renewed && _connections.IsOutdated(pool!, e))
            {
                renewed = true;
                continue;
            }
            catch (HttpRequestException e) when (request.Method == HttpMethod.Get && IsBroken(e) && broken < MaxBrokenConnections)
            {
                broken++;
                continue;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or KubeConfigException)
            {
                throw new KubernetesApiException($"{request.Method} {request.Path}: {e.Message}", e);
            }

            if (response.IsSuccessStatusCode)
                return response;
            using (response)
            {
                if (response.StatusCode == HttpStatusCode.Unauthorized && !unauthorized)
                {
                    unauthorized = true;
                    _configuration.Credentials.Invalidate(credential);
                    continue;
                }

                var wait = RetryAfter(response);
                if (wait is null || attempt >= MaxRetries || !deadline.Allows(wait.Value))
                    throw await ApiError.ReadAsync(request, response, wait, deadline.Token).ConfigureAwait(false);
                await Task.Delay(wait.Value, _time, deadline.Token).ConfigureAwait(false);
            }
        }
    }

    public void Dispose() => _connections.Dispose();

    // Until the headers are there; a body may last for as long as a watch does.
    private async Task<HttpResponseMessage> MeasureAsync(KubernetesRequest request, int resends, Func<Task<HttpResponseMessage>> send)
    {
        var started = _time.GetTimestamp();
        using var activity = KubernetesTracing.StartRequest(request, _configuration.Server, resends);
        int? code = null;
        try
        {
            var response = await send().ConfigureAwait(false);
            code = (int)response.StatusCode;
            KubernetesTracing.Answered(activity, code.Value, response.Version);
            return response;
        }
        catch (Exception e)
        {
            KubernetesTracing.Failed(activity, e);
            throw;
        }
        finally
        {
            _metrics?.Ended(request.Method, _configuration.Server.Authority, code, _time.GetElapsedTime(started));
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(
        KubernetesRequest request, Credential credential, HttpMessageInvoker invoker, CancellationToken cancellationToken)
    {
        var message = new HttpRequestMessage(request.Method, new Uri(_configuration.Server, request.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            Content = request.CreateContent(),
        };
        using (message)
        {
            message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            message.Headers.TryAddWithoutValidation("User-Agent", _userAgent);

            // The name that TLS asks for and checks is that of the Host header.
            if (_configuration.TlsServerName is { } name)
                message.Headers.Host = name;
            if (credential.Token is { } token)
                message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            if (_configuration.Impersonation is { } impersonation)
                AddImpersonation(message.Headers, impersonation);
            return await invoker.SendAsync(message, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void AddImpersonation(HttpRequestHeaders headers, Impersonation impersonation)
    {
        headers.Add("Impersonate-User", impersonation.User);
        if (impersonation.Uid is { } uid)
            headers.Add("Impersonate-Uid", uid);
        foreach (var group in impersonation.Groups)
            headers.Add("Impersonate-Group", group);
        foreach (var (key, values) in impersonation.Extra)
            headers.Add($"Impersonate-Extra-{Uri.EscapeDataString(key)}", values);
    }

    private static bool IsBroken(HttpRequestException e) =>
        e.HttpRequestError is HttpRequestError.ResponseEnded or HttpRequestError.HttpProtocolError
        || e.InnerException is IOException { InnerException: System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionReset } };

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.TooManyRequests && (int)response.StatusCode < 500)
            return null;
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
    }
}
