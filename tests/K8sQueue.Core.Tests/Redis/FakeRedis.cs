using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>
/// A server that speaks as much of the protocol as a producer's socket asks for. It reads the next command of a connection when it has answered the
/// last one, as Redis does while WAITAOF waits.
/// </summary>
internal sealed class FakeRedis : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Func<string[], Task<string?>> _answer;

    /// <param name="answer">What a command is answered as, in the protocol; null for what is answered always.</param>
    public FakeRedis(Func<string[], Task<string?>> answer)
    {
        _answer = answer;
        _listener.Start();
        _ = AcceptAsync();
    }

    public string Address => _listener.LocalEndpoint.ToString()!;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        _end.Dispose();
    }

    private static string Bulk(string text) => string.Create(CultureInfo.InvariantCulture, $"${text.Length}\r\n{text}\r\n");

    private static string Usual(string command) => command switch
    {
        "INFO" => Bulk("redis_version:7.4.0\r\nmaxmemory_policy:noeviction\r\nrole:master\r\naof_enabled:1\r\n"),
        "CONFIG" => "*2\r\n" + Bulk("appendfsync") + Bulk("everysec"),
        "TIME" => "*2\r\n" + Bulk("1767225600") + Bulk("0"),
        "EXEC" => "*0\r\n",
        "EVALSHA" => ":0\r\n",
        _ => "+OK\r\n",
    };

    private async Task AcceptAsync()
    {
        while (true)
            _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.Latin1);
            while (await ReadAsync(reader) is { } command)
            {
                var answer = await _answer(command).WaitAsync(_end.Token) ?? Usual(command[0]);
                await stream.WriteAsync(Encoding.Latin1.GetBytes(answer), _end.Token);
            }
        }
    }

    private async Task<string[]?> ReadAsync(StreamReader reader)
    {
        if (await reader.ReadLineAsync(_end.Token) is not { } head)
            return null;
        var parts = new string[int.Parse(head.AsSpan(1), CultureInfo.InvariantCulture)];
        for (var i = 0; i < parts.Length; i++)
        {
            var length = int.Parse((await reader.ReadLineAsync(_end.Token))!.AsSpan(1), CultureInfo.InvariantCulture);
            var part = new char[length + 2];
            await reader.ReadBlockAsync(part, _end.Token);
            parts[i] = new string(part, 0, length);
        }

        return parts;
    }
}
