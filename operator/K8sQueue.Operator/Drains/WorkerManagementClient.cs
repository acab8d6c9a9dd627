using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Drains;

/// <summary>
/// Speaks to the workers' management ports: straight to the pod's address, by no proxy and no redirect, each call bounded in time and size.
/// </summary>
public sealed class WorkerManagementClient : IWorkerManagement, IDisposable
{
    private const int MaxResponseBytes = 16 * 1024;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(2);

    private readonly ManagementTokens _tokens;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public WorkerManagementClient(IKubernetesClient client, TimeProvider time)
    {
        _tokens = new ManagementTokens(client, time);
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = Bound,
            MaxResponseHeadersLength = 16,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            // The address of a pod that went may be another's: no trace context of ours goes there.
            ActivityHeadersPropagator = null,
        })
        {
            MaxResponseContentBufferSize = MaxResponseBytes,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public Task<WorkerAnswer> AskAsync(WorkerEndpoint worker, CancellationToken cancellationToken) =>
        CallAsync(worker, HttpMethod.Get, "/inflight", cancellationToken);

    public Task<WorkerAnswer> QuiesceAsync(WorkerEndpoint worker, TimeSpan time, string? heldAt, CancellationToken cancellationToken) => CallAsync(
        worker,
        HttpMethod.Post,
        string.Create(CultureInfo.InvariantCulture, $"/quiesce?ttlSeconds={(int)time.TotalSeconds}") + (IsOrdered(heldAt) ? $"&heldAt={heldAt}" : ""),
        cancellationToken);

    public Task<WorkerAnswer> ResumeAsync(WorkerEndpoint worker, string? seenAt, CancellationToken cancellationToken) =>
        CallAsync(worker, HttpMethod.Post, "/resume" + (IsOrdered(seenAt) ? $"?seenAt={seenAt}" : ""), cancellationToken);

    public void Forget(NamespacedName pool) => _tokens.Forget(pool);

    public void Dispose() => _http.Dispose();

    // Those of kube-apiserver are numbers, of which the later is the larger.
    private static bool IsOrdered(string? resourceVersion) =>
        ulong.TryParse(resourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private async Task<WorkerAnswer> CallAsync(WorkerEndpoint worker, HttpMethod method, string path, CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(worker.Address, out var address))
            return new WorkerAnswer.Silence("it has no address");
        var url = new Uri($"http://{new IPEndPoint(address, worker.Port)}{path}");
        using var bound = new CancellationTokenSource(Bound, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellationToken);
        try
        {
            return await CallAsync(worker, method, url, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new WorkerAnswer.Silence($"no answer within {Bound.TotalSeconds:0} s", TookLong: true);
        }
        catch (HttpRequestException e)
        {
            var isRefused = e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
            return new WorkerAnswer.Silence(e.HttpRequestError.ToString(), NobodyListens: isRefused);
        }
        catch (JsonException)
        {
            return new WorkerAnswer.Silence("its answer can't be read");
        }
        catch (FormatException)
        {
            return new WorkerAnswer.Silence("the pool's management token can't be sent: it has more than one line");
        }
        catch (KubernetesApiException e)
        {
            return new WorkerAnswer.Silence($"the token can't be read: {e.Message}");
        }
    }

    private async Task<WorkerAnswer> CallAsync(WorkerEndpoint worker, HttpMethod method, Uri url, CancellationToken cancellationToken)
    {
        string? refused = null;
        while (true)
        {
            var token = await _tokens.OfAsync(worker.Pool, refused, cancellationToken).ConfigureAwait(false);
            if (token is null)
                return new WorkerAnswer.Silence("the pool has no management token");
            if (token == refused)
                return new WorkerAnswer.Silence("401");
            using var request = new HttpRequestMessage(method, url);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var response = await _http.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
            {
                refused = token;
                continue;
            }

            if (response.StatusCode != HttpStatusCode.OK)
                return new WorkerAnswer.Silence(string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode}"));
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(body, OperatorJsonContext.Default.InFlightDocument) is { InFlight: >= 0 and var jobs, Quiesced: { } quiesced } said
                ? new WorkerAnswer.Report(jobs, quiesced, said.Draining == true, said.BlockedBy)
                : new WorkerAnswer.Silence("its answer can't be read");
        }
    }
}
