using System.Net.Sockets;
using K8sQueue.Core.Queues;
using StackExchange.Redis;

namespace K8sQueue.Core.Redis;

/// <summary>The one place that makes the port's exceptions of the driver's and the server's.</summary>
internal static class RedisErrors
{
    // The server is there, but not for this: it loads, follows, fails over, can't write, or runs a script for too long.
    private static readonly string[] Passing =
        ["LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF", "BUSY", "NOREPLICAS", "UNBLOCKED", "MOVED", "ASK"];

    private static readonly string[] Refused = ["NOAUTH", "WRONGPASS", "NOPERM"];

    public static Exception Translate(Exception exception, string address) => exception switch
    {
        RedisServerException e => FromServer(e.Message, address, e),
        TimeoutException => Silent(address, exception),
        _ => new JobQueueUnavailableException($"Redis at {address} can't be reached: {exception.Message}", exception),
    };

    /// <summary>Whether it was thrown because of the server or the way to it, the file of the password among it.</summary>
    public static bool IsOfRedis(Exception exception) =>
        exception is RedisException or TimeoutException or ObjectDisposedException or IOException or UnauthorizedAccessException or SocketException
            or AggregateException or OperationCanceledException;

    /// <summary>Whether it is one that <see cref="Translate"/> makes.</summary>
    public static bool IsOfQueue(Exception exception) => exception is JobQueueUnavailableException or JobQueueFullException
        or JobQueueConfigurationException or InvalidOperationException;

    /// <summary>Whether the server follows another one now: there may be a primary at the same address.</summary>
    public static bool IsDemoted(Exception exception) =>
        exception is RedisServerException && (Has(exception.Message, "READONLY") || Has(exception.Message, "MASTERDOWN"));

    public static bool IsNoScript(Exception exception) => exception is RedisServerException && IsNoScript(exception.Message);

    public static bool IsNoScript(string message) => Has(message, "NOSCRIPT");

    public static bool IsNoGroup(string message) => Has(message, "NOGROUP");

    public static Exception FromServer(string message, string address, Exception? inner = null)
    {
        if (Has(message, "OOM"))
            return new JobQueueFullException($"Redis at {address} has no memory left: drain the queue or raise maxmemory.", inner!);
        if (Has(message, "K8SQVERSION"))
        {
            var text = message[(message.IndexOf("K8SQVERSION", StringComparison.Ordinal) + "K8SQVERSION ".Length)..];
            return new JobQueueConfigurationException($"Redis at {address}: {text}. Run the release that wrote it, or a newer one.", inner!);
        }

        if (Array.Exists(Refused, code => Has(message, code)))
            return new JobQueueConfigurationException($"Redis at {address} refused the user: {message}", inner!);
        if (Array.Exists(Passing, code => Has(message, code)))
            return new JobQueueUnavailableException($"Redis at {address} does not serve now: {message}", inner!);
        return new InvalidOperationException($"Redis at {address} answered: {message}", inner);
    }

    public static JobQueueUnavailableException Silent(string address, Exception inner) =>
        new($"Redis at {address} did not answer in time.", inner);

    // The code comes first, or behind what wraps it: "ERR Error running script ...: -OOM ...", "EXECABORT ... because of: OOM ...", "AUTH: WRONGPASS ...".
    private static bool Has(string message, string code)
    {
        for (var at = message.IndexOf(code, StringComparison.Ordinal); at >= 0; at = message.IndexOf(code, at + 1, StringComparison.Ordinal))
        {
            var before = message.AsSpan(0, at);
            var behind = message.AsSpan(at + code.Length);
            if (before is [] or [.., ':', ' '] or [.., ':', ' ', '-'] && behind is [] or [' ', ..])
                return true;
        }

        return false;
    }
}
