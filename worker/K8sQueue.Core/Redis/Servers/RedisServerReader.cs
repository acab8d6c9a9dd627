using System.Globalization;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Redis;

/// <summary>Asks a server for its limit of clients and who they are, over one connection that is closed again at once.</summary>
public static class RedisServerReader
{
    /// <summary>Each step takes the options' time-out at most.</summary>
    /// <exception cref="JobQueueUnavailableException">The server can't be reached or does not answer in time.</exception>
    /// <exception cref="JobQueueConfigurationException">The server refuses the user or the certificate.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The authorities can't be read.</exception>
    public static Task<RedisServerReport> ReadAsync(RedisQueueOptions options) => SingleUse.ConnectAsync(options, connection =>
    {
        var own = connection.Call(options.OperationTimeout, "CLIENT", "ID").Integer;
        return new RedisServerReport(
            MaxClients(connection, options.OperationTimeout),
            Clients(connection.Call(options.OperationTimeout, "CLIENT", "LIST"), own));
    });

    /// <summary>Managed servers refuse CONFIG; INFO says it since Redis 7.</summary>
    private static int? MaxClients(RespConnection connection, TimeSpan timeout)
    {
        var config = connection.Call(timeout, "CONFIG", "GET", "maxclients");
        if (config.Items is [_, var value] && Number(value.Text) is { } most)
            return most;
        var info = connection.Call(timeout, "INFO", "clients").Text;
        return Number(info.Split('\n').FirstOrDefault(line => line.StartsWith("maxclients:", StringComparison.Ordinal))?.Split(':')[1].Trim());
    }

    /// <summary>One line a client, of <c>key=value</c> pairs. https://redis.io/docs/latest/commands/client-list/</summary>
    private static List<RedisClient>? Clients(RespValue list, long own)
    {
        if (list.Error is not null)
            return null;
        var clients = new List<RedisClient>();
        foreach (var line in list.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(' ').Select(field => field.Split('=', 2)).Where(field => field.Length == 2)
                .GroupBy(field => field[0], StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First()[1], StringComparer.Ordinal);
            if (fields.GetValueOrDefault("id") == own.ToString(CultureInfo.InvariantCulture))
                continue;
            var address = fields.GetValueOrDefault("addr") ?? "";
            var colon = address.LastIndexOf(':');
            clients.Add(new RedisClient(fields.GetValueOrDefault("name") ?? "", colon > 0 ? address[..colon] : address));
        }

        return clients;
    }

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
