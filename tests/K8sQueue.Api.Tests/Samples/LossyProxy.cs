using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Api.Tests.Samples;

/// <summary>A TCP proxy that can lose an answer: the server did what it was asked to, and the client never hears of it.</summary>
internal sealed class LossyProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _server;
    private readonly CancellationTokenSource _end = new();
    private byte[]? _request;
    private int _lost;

    public LossyProxy(int server)
    {
        _server = server;
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many answers were lost.</summary>
    public int Lost => Volatile.Read(ref _lost);

    /// <summary>Breaks the connection in place of the next answer to a request that has this text.</summary>
    public void LoseAnswerTo(string request) => Volatile.Write(ref _request, System.Text.Encoding.ASCII.GetBytes(request));

    public void Dispose()
    {
        _end.Cancel();
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _server, _end.Token);
                var lose = new StrongBox();
                await Task.WhenAny(RequestsAsync(client.GetStream(), server.GetStream(), lose), AnswersAsync(server.GetStream(), client.GetStream(), lose));
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // One side is gone, and the other one goes with it.
            }
        }
    }

    private async Task RequestsAsync(NetworkStream from, NetworkStream to, StrongBox lose)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            if (Volatile.Read(ref _request) is { } request && buffer.AsSpan(0, read).IndexOf(request) >= 0)
            {
                Volatile.Write(ref _request, null);
                lose.Value = true;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private async Task AnswersAsync(NetworkStream from, NetworkStream to, StrongBox lose)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReadAsync(buffer, _end.Token) is > 0 and var read)
        {
            if (lose.Value)
            {
                Interlocked.Increment(ref _lost);
                return;
            }

            await to.WriteAsync(buffer.AsMemory(0, read), _end.Token);
        }
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }
}
