using System.Collections.Concurrent;
using K8sQueue.Core.Redis;
using K8sQueue.Kubernetes.Client;

namespace K8sQueue.Operator.Push.Backlogs;

/// <summary>The Redis servers of pushed queues, opened at the first question and closed after a while without any.</summary>
internal sealed class BacklogSources(Func<BacklogSourceKey, IBacklogReader> open, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Unused = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<BacklogSourceKey, Lazy<BacklogSource>> _sources = new();

    public BacklogSources(IKubernetesClient client, TimeProvider time, ILogger<RedisBacklogReader> logger)
        : this(key => new SecretBacklogReader(client, key, time, logger), time)
    {
    }

    public int Streams => _sources.Values.Sum(source => source.Value.Streams);

    public BacklogSource Of(BacklogSourceKey key) =>
        _sources.GetOrAdd(key, k => new Lazy<BacklogSource>(() => new BacklogSource(open(k), time))).Value;

    /// <summary>The source, if it is open.</summary>
    public BacklogSource? Find(BacklogSourceKey key) => _sources.GetValueOrDefault(key)?.Value;

    /// <summary>Closes what nobody has asked for lately.</summary>
    public async Task CloseUnusedAsync()
    {
        foreach (var (key, source) in _sources)
        {
            if (source.Value.Idle >= Unused && _sources.TryRemove(key, out var unused))
                await unused.Value.DisposeAsync().ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (key, _) in _sources)
        {
            if (_sources.TryRemove(key, out var source))
                await source.Value.DisposeAsync().ConfigureAwait(false);
        }
    }
}
