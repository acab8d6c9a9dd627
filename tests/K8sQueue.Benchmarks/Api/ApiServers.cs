using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Api;

/// <summary>The servers of a comparison, warmed up. The API serves both of its rows.</summary>
internal sealed class ApiServers(ApiBenchmarkOptions options, RedisServer redis, RedisServer cache, string folder) : IAsyncDisposable
{
    private readonly Dictionary<string, ApiServer> _servers = new(StringComparer.Ordinal);
    private ApiServer? _api;

    public ApiServer this[ApiContender contender] => _servers[contender.Name];

    public async Task<ApiServer> StartAsync(ApiContender contender, CancellationToken cancellationToken)
    {
        var server = contender.Name switch
        {
            ApiContender.Empty => await ApiServer.StartEmptyAsync(folder, cancellationToken),
            ApiContender.FastifyBullMq => await BestFastifyAsync(contender, limits: null, cancellationToken),
            ApiContender.FastifyBullMqLimited => await BestFastifyAsync(contender, cache, cancellationToken),
            _ => _api ??= await ApiServer.StartAsync(options.Program, redis, cache, folder, cancellationToken),
        };
        _servers.Add(contender.Name, server);
        await WarmUpAsync(contender, server, cancellationToken);
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers.Values.Distinct())
            await server.DisposeAsync();
    }

    private Task<LoadResult> WarmUpAsync(ApiContender contender, ApiServer server, CancellationToken cancellationToken) =>
        LoadGenerator.RunAsync(server.Jobs, contender.Body, options.Connections, options.WarmUp, cancellationToken);

    // One process a core is what Node's documentation advises; where the cores are shared with Redis and the load, one may be faster.
    private async Task<ApiServer> BestFastifyAsync(ApiContender contender, RedisServer? limits, CancellationToken cancellationToken)
    {
        var tried = new List<(int Processes, double PerSecond)>();
        foreach (var processes in (int[])[1, Environment.ProcessorCount])
        {
            await using var server = await ApiServer.StartFastifyAsync(processes, redis, limits, folder, cancellationToken);
            await WarmUpAsync(contender, server, cancellationToken);
            tried.Add((processes, (await WarmUpAsync(contender, server, cancellationToken)).PerSecond));
        }

        return await ApiServer.StartFastifyAsync(tried.MaxBy(t => t.PerSecond).Processes, redis, limits, folder, cancellationToken);
    }
}
