using System.Collections.Concurrent;
using K8sQueue.Core.Telemetry;
using Microsoft.Extensions.Logging;

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

    public RedisConnection Connection { get; } =
        new(endpoint, options.OperationTimeout, time, loggers.CreateLogger<RedisConnection>());

    public ILogger<T> Logger<T>() => loggers.CreateLogger<T>();

    /// <summary>The keys of a queue.</summary>
    /// <exception cref="ArgumentException">The name is not a queue's.</exception>
    public QueueHandle Queue(string name) => _queues.GetOrAdd(name, static n => new QueueHandle(n));

    /// <summary>Makes the groups of a queue and signs a consumer in.</summary>
    public Task JoinAsync(QueueHandle queue, string consumer) =>
        Connection.EvaluateAsync(RedisScript.Join, queue.Keys, [LayoutVersion, consumer]);
}
