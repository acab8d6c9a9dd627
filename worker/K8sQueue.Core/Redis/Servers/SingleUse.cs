using System.Net.Sockets;
using System.Security.Authentication;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis;

/// <summary>A few calls over a connection that is closed again at once, and what their failures mean.</summary>
internal static class SingleUse
{
    /// <inheritdoc cref="RedisServerReader.ReadAsync" path="/exception"/>
    public static Task<T> ConnectAsync<T>(RedisQueueOptions options, Func<RespConnection, T> use)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Task.Run(() => Connect(options, use));
    }

    private static T Connect<T>(RedisQueueOptions options, Func<RespConnection, T> use)
    {
        var endpoint = new RedisEndpoint(options);
        var address = $"{endpoint.Address.Host}:{endpoint.Address.Port}";
        try
        {
            using var connection = RespConnection.Connect(endpoint, options.OperationTimeout);
            return use(connection);
        }
        catch (RespException e)
        {
            throw RedisErrors.FromServer(e.Message, address, e);
        }
        catch (AuthenticationException e)
        {
            throw new JobQueueConfigurationException($"Redis at {address}: TLS failed: {e.Message} Check the address and the CA.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or SocketException or InvalidDataException)
        {
            throw new JobQueueUnavailableException($"Redis at {address} can't be reached: {e.Message}", e);
        }
    }
}
