using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace K8sQueue.Quickstart.Stack;

/// <summary>
/// Counts the connections that a Redis server really has, by CLIENT LIST over a plain socket: a measurement that shares no code with
/// what it measures.
/// </summary>
public static class RedisClients
{
    /// <summary>The number of clients whose name starts with <paramref name="namePrefix"/>.</summary>
    public static async Task<int> CountAsync(int port, string password, string namePrefix, CancellationToken cancellationToken)
    {
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", port, cancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"AUTH {password}\r\nCLIENT LIST\r\n"), cancellationToken);
        var answer = await reader.ReadLineAsync(cancellationToken);
        if (answer != "+OK")
            throw new IOException($"Redis answered '{answer}' to AUTH.");
        var header = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("Redis closed the connection.");
        if (!header.StartsWith('$'))
            throw new IOException($"Redis answered '{header}' to CLIENT LIST.");
        var length = int.Parse(header.AsSpan(1), CultureInfo.InvariantCulture);
        var count = 0;
        for (var read = 0; read < length;)
        {
            var line = await reader.ReadLineAsync(cancellationToken) ?? throw new IOException("Redis closed the connection.");
            read += Encoding.UTF8.GetByteCount(line) + 1;
            if (line.Contains($" name={namePrefix}", StringComparison.Ordinal))
                count++;
        }

        return count;
    }
}
