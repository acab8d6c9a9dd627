using System.Collections.Concurrent;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Producers;
using K8sQueue.Core.Telemetry;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>What the parts of the queue on Redis share.</summary>
internal sealed class RedisServices(
    RedisQueueOptions options, RedisEndpoint endpoint, TimeProvider time, ILoggerFactory loggers, JobQueueMetrics metrics)
{
    /// <summary>
    /// The version of keys, entries and scripts: a program works with every queue of its own major version. A higher minor one
    /// only adds what older programs may ignore, so that N and N-1 run together during a rollout.
    /// </summary>
    public const string LayoutVersion = "1.0";

    private readonly ConcurrentDictionary<string, QueueHandle> _queues = new(StringComparer.Ordinal);

    public RedisQueueOptions Options => options;

    public RedisEndpoint Endpoint => endpoint;

    public TimeProvider Time => time;

    public JobQueueMetrics Metrics => metrics;

    /// <summary>Set by the sockets that ask for it: a consumer's heartbeat, and a producer's.</summary>
    public ServerClock Clock { get; } = new(time);

    public RedisConnection Connection { get; } =
        new(endpoint, options.OperationTimeout, time, loggers.CreateLogger<RedisConnection>());

    public PayloadStore Payloads => field ??= new PayloadStore(this);

    public ILogger<T> Logger<T>() => loggers.CreateLogger<T>();

    /// <summary>How many queues' keys are kept.</summary>
    public int KnownQueues => _queues.Count;

    /// <summary>The keys of a queue, which are kept.</summary>
    /// <exception cref="ArgumentException">The name is not a queue's.</exception>
    public QueueHandle Queue(string name) => _queues.GetOrAdd(name, static n => new QueueHandle(n));

    /// <summary>The keys of a queue that is not registered. They are not kept: whoever asks may ask for any name.</summary>
    /// <exception cref="ArgumentException">The name is not a queue's.</exception>
    public QueueHandle Peek(string name) => _queues.GetValueOrDefault(name) ?? new QueueHandle(name);

    /// <summary>
    /// Tells the registry of a queue, once for each connection. The registry is in another cluster slot, so no script of the queue
    /// can write it: this comes first, or a call that is lost in between leaves jobs in a queue that nobody maintains.
    /// </summary>
    public async Task RegisterAsync(QueueHandle queue)
    {
        var generation = Connection.Generation;
        if (queue.RegisteredGeneration == generation)
            return;
        await Connection.ExecuteAsync("SADD", (RedisKey)RedisKeys.Registry, queue.Name).ConfigureAwait(false);
        queue.RegisteredGeneration = generation;
    }

    /// <summary>A script found the queue new to the server: what was there is gone, the registry perhaps too.</summary>
    public Task RegisterAgainAsync(QueueHandle queue)
    {
        queue.RegisteredGeneration = -1;
        return RegisterAsync(queue);
    }

    /// <summary>Removes a queue that has nothing, and its name; false where it has something.</summary>
    public async Task<bool> RemoveAsync(string name)
    {
        var queue = Peek(name);
        if ((int)await Connection.EvaluateAsync(RedisScript.DeleteQueue, queue.Keys, [LayoutVersion]).ConfigureAwait(false) == 0)
            return false;
        _queues.TryRemove(name, out _);
        await Connection.ExecuteAsync("SREM", (RedisKey)RedisKeys.Registry, name).ConfigureAwait(false);

        // Whoever has made it anew meanwhile may have registered it before its name was taken out.
        if ((int)await Connection.ExecuteAsync("EXISTS", (RedisKey)queue.Names.Version).ConfigureAwait(false) == 1)
            await RegisterAgainAsync(queue).ConfigureAwait(false);
        return true;
    }

    /// <summary>Makes the groups of a queue and signs a consumer in.</summary>
    public async Task JoinAsync(QueueHandle queue, string consumer)
    {
        var fresh = await Connection.EvaluateAsync(RedisScript.Join, queue.Keys, [LayoutVersion, consumer]).ConfigureAwait(false);
        try
        {
            await ((int)fresh == 1 ? RegisterAgainAsync(queue) : RegisterAsync(queue)).ConfigureAwait(false);
        }
        catch (JobQueueFullException)
        {
            // A full server keeps the names that it has, and takes no jobs of a new queue: the producer registers it then.
        }
    }
}
