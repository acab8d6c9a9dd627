using System.Net;
using System.Net.Sockets;
using System.Text;

namespace K8sQueue.Api.Tests.Client;

/// <summary>Reads the head of each request, sends a part of an answer, or nothing, and closes the connection.</summary>
internal sealed class BrokenServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly byte[] _answer;
    private readonly Task _serving;
    private int _requests;

    public BrokenServer(string answer = "")
    {
        _answer = Encoding.ASCII.GetBytes(answer);
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Requests that came.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.ASCII);
            var line = await reader.ReadLineAsync(_stopping.Token);
            if (line is null)
                continue;
            while (line is { Length: > 0 })
                line = await reader.ReadLineAsync(_stopping.Token);
            Interlocked.Increment(ref _requests);
            await stream.WriteAsync(_answer, _stopping.Token);
        }
    }
}
