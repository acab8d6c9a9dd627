using K8sQueue.Api.Authentication;
using K8sQueue.Api.Hosting;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Api.Tests;

/// <summary>The whole API on a real port of loopback.</summary>
internal sealed class KestrelApi : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly (string Secret, ApiKey Key) _key = ApiKey.Create("tests");

    private KestrelApi(string redis, IJobQueue? queue, Action<IServiceCollection>? configure = null, params string[] settings)
    {
        _app = ApiHost.Build(
            ["--urls=http://127.0.0.1:0", $"--K8SQUEUE_REDIS_ADDRESS={redis}", $"--{ApiOptions.KeysVariable}={_key.Key.Line}", .. settings],
            builder =>
            {
                if (queue is not null)
                    builder.Services.AddSingleton(queue);
                configure?.Invoke(builder.Services);
            });
    }

    public Uri Address => new(_app.Urls.Single());

    public string Secret => _key.Secret;

    public IServiceProvider Services => _app.Services;

    /// <summary>Over a queue in memory that can be made to fail.</summary>
    public static async Task<(KestrelApi Api, FaultyQueue Queue)> StartAsync(InMemoryJobQueue? inner = null, Action<IServiceCollection>? configure = null, params string[] settings)
    {
        var queue = new FaultyQueue(inner ?? new InMemoryJobQueue());
        var api = new KestrelApi("127.0.0.1:1", queue, configure, settings);
        await api._app.StartAsync();
        return (api, queue);
    }

    /// <summary>Over a Redis.</summary>
    public static async Task<KestrelApi> StartAsync(string redis, params string[] settings)
    {
        var api = new KestrelApi(redis, queue: null, configure: null, settings);
        await api._app.StartAsync();
        return api;
    }

    /// <summary>Over a Redis, with options that no setting has.</summary>
    public static async Task<KestrelApi> StartAsync(string redis, Action<RedisQueueOptions> configure)
    {
        var api = new KestrelApi(redis, queue: null, services => services.Configure(configure));
        await api._app.StartAsync();
        return api;
    }

    public HttpClient Client()
    {
        var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Add(ApiKeyHandler.HeaderName, Secret);
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
