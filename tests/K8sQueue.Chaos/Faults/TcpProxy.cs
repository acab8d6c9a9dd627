using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Chaos.Faults;

/// <summary>Stands between clients and a server on loopback, and breaks what goes through.</summary>
internal sealed class TcpProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, FreePort.Next());
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<ProxiedConnection> _connections = [];
    private readonly Lock _lock = new();
    private readonly int _serverPort;
    private readonly Task _run;
    private volatile TaskCompletionSource _open = Opened();

    public TcpProxy(int serverPort)
    {
        _serverPort = serverPort;
        _listener.Start();
        _run = AcceptAsync();
    }

    public string Address => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>
    /// Nothing comes through in either direction. Connections stay open and new ones are accepted, but nobody answers; what is sent waits,
    /// as it does in the network's stack, and arrives late.
    /// </summary>
    public void Partition() => _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Heal() => _open.TrySetResult();

    /// <summary>Resets every connection (RST) in the middle of whatever it carries.</summary>
    /// <returns>How many there were.</returns>
    public int Reset()
    {
        List<ProxiedConnection> connections;
        lock (_lock)
            connections = [.. _connections];
        foreach (var connection in connections)
            connection.Reset();
        return connections.Count;
    }

    public async ValueTask DisposeAsync()
    {
        Heal();
        await _stop.CancelAsync();
        _listener.Stop();
        await _run;
        Reset();
        _stop.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var connection = new ProxiedConnection(await _listener.AcceptSocketAsync(_stop.Token));
                lock (_lock)
                    _connections.Add(connection);
                _ = CarryAsync(connection);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // It is disposed.
            }
        }
    }

    private async Task CarryAsync(ProxiedConnection connection)
    {
        try
        {
            await connection.RunAsync(_serverPort, () => _open.Task);
        }
        finally
        {
            lock (_lock)
                _connections.Remove(connection);
        }
    }
}
