using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.Testing;

namespace K8sQueue.Compose.Tests.Run;

/// <summary>Where producers come in: the one address of a topology that is published for them.</summary>
internal sealed class FrontDoor : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="address">The address.</param>
    /// <param name="key">An API key.</param>
    /// <param name="authority">A file with the only authority to trust, where it has TLS.</param>
    public FrontDoor(Uri address, string key, string? authority = null)
    {
        Address = address;
        Key = key;
        Authority = authority;
        var handler = new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false };
        if (authority is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(authority));
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        _http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
    }

    public Uri Address { get; }

    public string Key { get; }

    public string? Authority { get; }

    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path, bool withKey = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (withKey)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Key);
        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        response.IsSuccessStatusCode.Should().BeTrue("{0} {1} was answered {2} {3}", method, path, (int)response.StatusCode, text);
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    /// <summary>Logs in to the dashboard with the key, as a browser that tells a form's origin and no more: most do so over plain http.</summary>
    /// <returns>The cookie's name, value and attributes.</returns>
    public async Task<string> LogInAsync()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "login") { Content = new FormUrlEncodedContent([new("key", Key)]) };
        request.Headers.Add("Origin", Address.GetLeftPart(UriPartial.Authority));
        using var response = await _http.SendAsync(request);
        response.StatusCode.Should().Be(HttpStatusCode.Redirect, await response.Content.ReadAsStringAsync());
        response.Headers.Location.Should().Be(new Uri("/", UriKind.Relative));
        return response.Headers.GetValues("Set-Cookie").Single();
    }

    /// <summary>A page of the dashboard with a login's cookie, and where it leads instead; empty for nowhere.</summary>
    public async Task<(HttpStatusCode Status, string Location)> PageAsync(string path, string cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", cookie.Split(';')[0]);
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, response.Headers.Location?.ToString() ?? "");
    }

    /// <summary>Enqueues a job; its id.</summary>
    public async Task<string> EnqueueAsync(string body, string path = "v1/queues/default/jobs") => (string)(await SendAsync(HttpMethod.Post, path, body))["id"]!;

    /// <summary>Waits until a job has ended; its record, which has to say that it is done.</summary>
    public async Task<JsonNode> CompletedAsync(string id)
    {
        JsonNode record = new JsonObject();
        await Eventually.IsTrue(
            async () => (string)(record = await SendAsync(HttpMethod.Get, $"v1/jobs/{id}"))["state"]! is "completed" or "dead" or "cancelled", TimeSpan.FromMinutes(1));
        ((string)record["state"]!).Should().Be("completed", record.ToJsonString());
        return record;
    }

    public void Dispose() => _http.Dispose();
}
