using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>
/// Reads the backlogs of a server's queues over one connection, all of a call in one go. It writes nothing, and works where there are no
/// workers.
/// </summary>
/// <remarks>One script a queue: the keys of two queues may be in two slots of a cluster. The driver sends them without waiting for replies.</remarks>
public sealed class RedisBacklogReader : IAsyncDisposable
{
    private readonly RedisConnection _connection;

    /// <exception cref="ArgumentException">The address is not host:port.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The authorities can't be read.</exception>
    public RedisBacklogReader(RedisQueueOptions options, TimeProvider? time = null, ILogger<RedisBacklogReader>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _connection = new RedisConnection(
            new RedisEndpoint(options, logger), options.OperationTimeout, time ?? TimeProvider.System,
            logger ?? NullLogger<RedisBacklogReader>.Instance);
    }

    /// <summary>What was read, or why it was not, in the order of the queues: one that can't be read says nothing of the others.</summary>
    public Task<BacklogReading[]> ReadAsync(IReadOnlyCollection<string> queues)
    {
        ArgumentNullException.ThrowIfNull(queues);
        return Task.WhenAll(queues.Select(ReadAsync));
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private async Task<BacklogReading> ReadAsync(string queue)
    {
        try
        {
            var reply = (RedisValue[])(await _connection.EvaluateAsync(
                RedisScript.Backlog, new QueueHandle(queue).Keys, [RedisServices.LayoutVersion]).ConfigureAwait(false))!;
            var age = (long)reply[1];
            return new BacklogReading(new QueueBacklog((long)reply[0], age < 0 ? null : TimeSpan.FromMilliseconds(age), (long)reply[2] == 1), null);
        }
        catch (Exception e) when (RedisErrors.IsOfQueue(e))
        {
            return new BacklogReading(null, e);
        }
    }
}
