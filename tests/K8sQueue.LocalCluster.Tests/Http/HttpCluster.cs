using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Hosting;
using K8sQueue.LocalCluster.Http;
using K8sQueue.LocalCluster.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.LocalCluster.Tests.Http;

/// <summary>A server in this process, asked over HTTP without kubectl.</summary>
internal sealed class HttpCluster : IAsyncDisposable
{
    private readonly LocalClusterServer _server;

    private HttpCluster(LocalClusterServer server, string token)
    {
        _server = server;
        Client = NewClient(token);
    }

    public HttpClient Client { get; }

    public IClusterApi Api => _server.Api;

    public ObjectStore Store => _server.Services.GetRequiredService<ObjectStore>();

    public static async Task<HttpCluster> StartAsync(Action<ApiServerOptions>? configure = null)
    {
        var options = new ApiServerOptions { DataDirectory = Path.GetTempPath() };
        configure?.Invoke(options);
        var server = LocalClusterServer.Build(options);
        await server.StartAsync();
        return new HttpCluster(server, options.Token);
    }

    /// <summary>A client with another token, or none.</summary>
    public HttpClient NewClient(string? token)
    {
        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.Add(_server.Certificate);
        var handler = new SocketsHttpHandler { SslOptions = { CertificateChainPolicy = trust } };
        var client = new HttpClient(handler) { BaseAddress = new Uri(_server.Url) };
        if (token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    public async Task<JsonObject> GetAsync(string path) => await ReadAsync(await Client.GetAsync(new Uri(path, UriKind.Relative)));

    public async Task<(HttpStatusCode Code, JsonObject Body)> SendAsync(
        HttpMethod method, string path, string body, string contentType = "application/json")
    {
        using var request = new HttpRequestMessage(method, path) { Content = new StringContent(body, Encoding.UTF8, contentType) };
        using var response = await Client.SendAsync(request);
        return (response.StatusCode, await ReadAsync(response));
    }

    /// <summary>The events of a watch as they come.</summary>
    public async IAsyncEnumerable<JsonObject> WatchAsync(string path)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        using var response = await Client.GetAsync(new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, limit.Token);
        response.StatusCode.Should().Be(HttpStatusCode.OK);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));
        while (await reader.ReadLineAsync(limit.Token) is { } line)
            yield return (JsonObject)JsonNode.Parse(line)!;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _server.DisposeAsync();
    }

    private static async Task<JsonObject> ReadAsync(HttpResponseMessage response) =>
        (JsonObject)JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
}
