using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using K8sQueue.Core.Dialling;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Discovery.RabbitMq;

/// <summary>The management API of one server, for one read.</summary>
internal sealed class RabbitMqManagement : IDisposable
{
    private const int MaxResponseBytes = 8 * 1024 * 1024;

    private readonly string _where;
    private readonly HttpClient _http;

    public RabbitMqManagement(string url, string user, string password, string? authority, ServerGuard guard, TimeSpan timeout)
    {
        _where = $"RabbitMQ at {url}";
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = timeout,
            // Credentials go to the address that was given, and nowhere else.
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectCallback = guard.ConnectAsync,
        };
        if (authority is not null)
            handler.SslOptions.CertificateChainPolicy = PolicyOf(authority);
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri(url.TrimEnd('/') + "/api/"),
            Timeout = timeout,
            MaxResponseContentBufferSize = MaxResponseBytes,
        };
        _http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));
        _http.DefaultRequestHeaders.UserAgent.ParseAdd(CapacityReader.ClientName);
    }

    /// <summary>Reads what is at a path; null where the user may not.</summary>
    /// <param name="missing">What to say where there is no such thing.</param>
    /// <exception cref="CapacityReadException">The server can't be reached, refuses the password, or answers something else.</exception>
    public async Task<T?> TryGetAsync<T>(string path, JsonTypeInfo<T> type, string? missing, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            using var response = await _http.GetAsync(path, cancellationToken).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.Unauthorized && await IsNobodyAsync(cancellationToken).ConfigureAwait(false))
                throw new CapacityReadException(Reasons.AccessDenied, $"{_where} refused the user or its password.");
            if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
                return null;
            if (response.StatusCode == HttpStatusCode.NotFound && missing is not null)
                throw new CapacityReadException(Reasons.ReadFailed, $"{_where} {missing}");
            if (!response.IsSuccessStatusCode)
                throw new CapacityReadException(Reasons.ReadFailed, $"{_where} answered {(int)response.StatusCode}: is that the management API?");
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using var _ = body.ConfigureAwait(false);
            return await JsonSerializer.DeserializeAsync(body, type, cancellationToken).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            throw new CapacityReadException(Reasons.ReadFailed, $"{_where} answered something else than expected: is that the management API?", e);
        }
        catch (HttpRequestException e) when (e.InnerException is GuardedAddressException guarded)
        {
            throw ServerGuard.Refusal(_where, guarded.Address);
        }
        catch (HttpRequestException e)
        {
            throw new CapacityReadException(Reasons.ServerUnreachable, $"{_where} can't be reached: {e.Message}", e);
        }
        catch (TaskCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CapacityReadException(Reasons.ServerUnreachable, $"{_where} did not answer in time.", e);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>A user without the tag for a path gets the same answer as one with a wrong password.</summary>
    private async Task<bool> IsNobodyAsync(CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync("whoami", cancellationToken).ConfigureAwait(false);
        return response.StatusCode == HttpStatusCode.Unauthorized;
    }

    private static X509ChainPolicy PolicyOf(string authority)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPem(authority);
        return policy;
    }
}
