using System.Net.Http.Headers;
using System.Text;
using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace K8sQueue.Api.Tests;

/// <summary>The whole API in this process, over a queue that can be made to fail.</summary>
internal sealed class TestApi : WebApplicationFactory<ApiOptions>
{
    private readonly (string Secret, ApiKey Key) _key = ApiKey.Create("tests");
    private readonly Dictionary<string, string?> _settings = new(StringComparer.Ordinal);

    public TestApi(params ReadOnlySpan<(string Name, string? Value)> settings)
    {
        _settings[ApiOptions.KeysVariable] = _key.Key.Line;
        _settings["K8SQUEUE_REDIS_ADDRESS"] = "127.0.0.1:1";
        foreach (var (name, value) in settings)
            _settings[name] = value;

        // Following redirects would make the client hold whole bodies to send them again.
        ClientOptions.AllowAutoRedirect = false;
        ClientOptions.HandleCookies = false;
    }

    public TestApi(InMemoryJobQueue queue)
        : this() => Queue = new FaultyQueue(queue);

    /// <summary>The queue behind the API.</summary>
    public FaultyQueue Queue { get; } = new(new InMemoryJobQueue());

    /// <summary>Collects what is logged; null for nothing.</summary>
    public LogCollector? Logs { get; init; }

    /// <summary>The API's clock; null for the system's.</summary>
    public TimeProvider? Time { get; init; }

    /// <summary>The key that the API knows.</summary>
    public string Secret => _key.Secret;

    /// <summary>A client that sends the key.</summary>
    public HttpClient Client() => Client(_key.Secret);

    /// <summary>A client that sends another key.</summary>
    public HttpClient Client(string secret)
    {
        var client = CreateClient();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return client;
    }

    /// <summary>Makes another key that the API knows, before it is asked anything, and returns its text.</summary>
    public string AddKey(string name, string scopes)
    {
        var (secret, key) = ApiKey.Create(name, KeyScope.Parse(scopes));
        _settings[ApiOptions.KeysVariable] += "," + key.Line;
        return secret;
    }

    public async Task<HttpResponseMessage> PostAsync(string path, string body, string contentType = "application/json")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        return await Client().PostAsync(path, content);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        foreach (var (name, value) in _settings)
            builder.UseSetting(name, value);
        Logs?.AddTo(builder);
        builder.ConfigureTestServices(services =>
        {
            services.RemoveAll<IJobQueue>();
            services.AddSingleton<IJobQueue>(Queue);
            if (Time is not null)
                services.AddSingleton(Time);
        });
    }
}
