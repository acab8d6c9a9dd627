using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace K8sQueue.Worker.Hosting.Check;

/// <summary>The two calls of the HTTP API that a check makes.</summary>
internal sealed class CheckApi : IDisposable
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly HttpClient _http;
    private readonly X509Certificate2? _certificate;

    public CheckApi(CheckOptions options)
    {
        _certificate = Load(options.CertificateFile);
        var handler = new HttpClientHandler();
        if (_certificate is { } own)
        {
            // The API's own certificate, whatever name it is for: inside a cluster that is rarely the Service's.
            handler.ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown is not null && shown.RawDataMemory.Span.SequenceEqual(own.RawDataMemory.Span);
        }

        _http = new HttpClient(handler) { BaseAddress = options.Api, Timeout = CallTimeout };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
    }

    /// <summary>Enqueues a tracked job; its id.</summary>
    /// <exception cref="CheckException">The API refuses: trying again would not help.</exception>
    /// <exception cref="HttpRequestException">It can't be reached, or can't answer now.</exception>
    public async Task<string> EnqueueAsync(string queue, string type, string payload, CancellationToken cancellationToken)
    {
        var body = new JsonObject { ["type"] = type, ["payload"] = payload, ["maxAttempts"] = 1, ["retentionSeconds"] = 60 };
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await _http.PostAsync(new Uri($"v1/queues/{queue}/jobs", UriKind.Relative), content, cancellationToken);
        return (string)(await ReadAsync(response, cancellationToken))["id"]!;
    }

    /// <summary>A job's record.</summary>
    /// <inheritdoc cref="EnqueueAsync" path="/exception"/>
    public async Task<JsonNode> GetAsync(string id, CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(new Uri($"v1/jobs/{id}", UriKind.Relative), cancellationToken);
        return await ReadAsync(response, cancellationToken);
    }

    public void Dispose()
    {
        _http.Dispose();
        _certificate?.Dispose();
    }

    private static async Task<JsonNode> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        if (response.IsSuccessStatusCode)
            return JsonNode.Parse(text)!;
        var message = $"the API answered {(int)response.StatusCode}: {text}";
        throw response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => new CheckException($"the API does not know the key of {CheckOptions.ApiKeyVariable}"),
            HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => new HttpRequestException(message),
            _ => new CheckException(message),
        };
    }

    private static X509Certificate2? Load(string? file)
    {
        if (file is null)
            return null;
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new WorkerConfigurationException($"{CheckOptions.CertificateFileVariable}: {e.Message}", e);
        }
    }
}

/// <summary>The installation is not as it should be; the message says what is wrong.</summary>
internal sealed class CheckException(string message) : Exception(message);
