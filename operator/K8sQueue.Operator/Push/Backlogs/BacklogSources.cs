using System.Collections.Concurrent;
using K8sQueue.Core.Redis;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Operator.Discovery;

namespace K8sQueue.Operator.Push.Backlogs;

/// <summary>The Redis servers of pushed queues, opened at the first question and closed after a while without any.</summary>
internal sealed partial class BacklogSources(Func<BacklogSourceKey, IBacklogReader> open, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Unused = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Old = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<BacklogSourceKey, Lazy<BacklogSource>> _sources = new();

    public BacklogSources(IKubernetesClient client, ServerGuard guard, TimeProvider time, ILoggerFactory loggers)
        : this(OpenWith(client, guard, time, loggers.CreateLogger<RedisBacklogReader>()), time, loggers.CreateLogger<BacklogSources>())
    {
    }

    public int Streams => _sources.Values.Sum(source => source.Value.Streams);

    /// <summary>An open source. It may be closed in the next moment, and refuse a stream: then ask again.</summary>
    public BacklogSource Of(BacklogSourceKey key)
    {
        while (true)
        {
            var source = _sources.GetOrAdd(key, k => new Lazy<BacklogSource>(() => new BacklogSource(open(k), time, logger)));
            if (!source.Value.IsClosed)
                return source.Value;
            _sources.TryRemove(KeyValuePair.Create(key, source));
        }
    }

    /// <summary>The source, if it is open.</summary>
    public BacklogSource? Find(BacklogSourceKey key) => _sources.GetValueOrDefault(key)?.Value;

    /// <summary>Closes what nobody has asked for lately, and forgets what was read long ago.</summary>
    public async Task CloseUnusedAsync()
    {
        foreach (var (key, source) in _sources)
        {
            source.Value.Trim(Old);
            if (!source.Value.TryClose(Unused))
                continue;
            _sources.TryRemove(KeyValuePair.Create(key, source));
            await CloseAsync(key, source.Value).ConfigureAwait(false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (key, _) in _sources)
        {
            if (_sources.TryRemove(key, out var source))
                await CloseAsync(key, source.Value).ConfigureAwait(false);
        }
    }

    /// <summary>One that can't be closed well is gone all the same, and keeps no other one open.</summary>
    private async Task CloseAsync(BacklogSourceKey key, BacklogSource source)
    {
        try
        {
            await source.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            Log.NotClosed(logger, key.Address, key.Namespace, e);
        }
    }

    private static Func<BacklogSourceKey, IBacklogReader> OpenWith(
        IKubernetesClient client, ServerGuard guard, TimeProvider time, ILogger<RedisBacklogReader> logger) =>
        key => new SecretBacklogReader(client, guard, key, time, logger);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The connection to {Address} of {Namespace} was not closed well.")]
        public static partial void NotClosed(ILogger logger, string address, string @namespace, Exception exception);
    }
}
