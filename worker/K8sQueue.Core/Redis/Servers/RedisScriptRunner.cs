using K8sQueue.Core.Queues;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>
/// Runs one script of the caller's on a server, over a connection that is made when it is first needed, and anew where it fails or stays silent.
/// </summary>
public sealed class RedisScriptRunner : IAsyncDisposable
{
    private readonly RedisConnection _connection;
    private readonly RedisScript _script;

    /// <param name="options">The server, and in <see cref="RedisQueueOptions.OperationTimeout"/> how long a call may take.</param>
    /// <param name="name">The script's name, for messages.</param>
    /// <param name="text">The script.</param>
    /// <param name="time">The clock of the deadlines.</param>
    /// <param name="logger">What becomes of the connection is logged here.</param>
    /// <exception cref="ArgumentException">The address is no <c>host:port</c>.</exception>
    public RedisScriptRunner(RedisQueueOptions options, string name, string text, TimeProvider time, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        _connection = new RedisConnection(new RedisEndpoint(options, logger), options.OperationTimeout, time, logger);
        _script = RedisScript.Of(name, text);
    }

    /// <summary>Runs the script, which answers a list of whole numbers.</summary>
    /// <exception cref="JobQueueUnavailableException">The server can't be reached or does not answer in time.</exception>
    /// <exception cref="JobQueueConfigurationException">The server refuses the user.</exception>
    /// <exception cref="JobQueueFullException">The server has no memory left.</exception>
    /// <exception cref="InvalidOperationException">The script failed.</exception>
    public async Task<IReadOnlyList<long>> RunAsync(string key, params long[] arguments)
    {
        var reply = await _connection.EvaluateAsync(_script, [key], [.. arguments.Select(argument => (RedisValue)argument)]).ConfigureAwait(false);
        return [.. ((RedisResult[])reply!).Select(number => (long)number)];
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
