using StackExchange.Redis;

namespace K8sQueue.Benchmarks.Queues.Raw;

/// <summary>An embedded script, loaded into one server and called by its hash.</summary>
internal sealed class RawScript
{
    private readonly byte[] _hash;

    private RawScript(byte[] hash) => _hash = hash;

    public static async Task<RawScript> LoadAsync(IServer server, string file)
    {
        using var stream = typeof(RawScript).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"{file} is not embedded.");
        using var reader = new StreamReader(stream);
        return new RawScript(await server.ScriptLoadAsync(await reader.ReadToEndAsync()));
    }

    public async Task<long> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] arguments) =>
        (long)await database.ScriptEvaluateAsync(_hash, keys, arguments);
}
