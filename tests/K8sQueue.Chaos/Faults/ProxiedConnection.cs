using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Chaos.Faults;

/// <summary>A client's connection and the one to the server in its name.</summary>
internal sealed class ProxiedConnection(Socket client) : IDisposable
{
    private readonly Socket _server = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Carries bytes both ways until one side ends.</summary>
    /// <param name="serverPort">The server's port on loopback.</param>
    /// <param name="open">Completes while bytes may pass.</param>
    public async Task RunAsync(int serverPort, Func<Task> open)
    {
        client.NoDelay = true;
        try
        {
            await open();
            await _server.ConnectAsync(new IPEndPoint(IPAddress.Loopback, serverPort));
            await await Task.WhenAny(PumpAsync(client, _server, open), PumpAsync(_server, client, open));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side is gone, and so is the other one in the next moment.
        }
        finally
        {
            Dispose();
        }
    }

    /// <summary>Ends both with RST.</summary>
    public void Reset()
    {
        foreach (var socket in (Socket[])[client, _server])
        {
            try
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // It has ended meanwhile.
            }
        }

        Dispose();
    }

    public void Dispose()
    {
        client.Dispose();
        _server.Dispose();
    }

    private static async Task PumpAsync(Socket from, Socket to, Func<Task> open)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var read = await from.ReceiveAsync(buffer);
            if (read == 0)
                return;
            await open();
            for (var sent = 0; sent < read;)
                sent += await to.SendAsync(buffer.AsMemory(sent, read - sent));
        }
    }
}
