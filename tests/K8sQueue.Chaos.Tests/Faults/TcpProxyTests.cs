using System.Net;
using System.Net.Sockets;
using K8sQueue.Chaos.Faults;

namespace K8sQueue.Chaos.Tests.Faults;

/// <summary>A server that sends back what it gets stands behind the proxy.</summary>
public sealed class TcpProxyTests : IAsyncLifetime, IDisposable
{
    private readonly TcpListener _server = new(IPAddress.Loopback, FreePort.Next());
    private readonly CancellationToken _bound = new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;
    private TcpProxy _proxy = null!;

    public Task InitializeAsync()
    {
        _server.Start();
        _ = EchoAsync();
        _proxy = new TcpProxy(((IPEndPoint)_server.LocalEndpoint).Port);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await _proxy.DisposeAsync();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task It_carries_bytes_both_ways()
    {
        using var client = await ConnectAsync();

        await client.SendAsync("ping"u8.ToArray(), _bound);

        (await ReceiveAsync(client)).Should().Be(4);
    }

    [Fact]
    public async Task What_is_sent_while_it_is_partitioned_arrives_when_it_is_healed()
    {
        using var client = await ConnectAsync();
        _proxy.Partition();
        using var late = await ConnectAsync();
        await client.SendAsync("ping"u8.ToArray(), _bound);
        await late.SendAsync("ping"u8.ToArray(), _bound);
        var (first, second) = (ReceiveAsync(client), ReceiveAsync(late));
        await Task.WhenAny(first, second, Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, _bound));
        (first.IsCompleted || second.IsCompleted).Should().BeFalse("nothing comes through");

        _proxy.Heal();

        (await first, await second).Should().Be((4, 4));
    }

    [Fact]
    public async Task A_reset_ends_every_connection_and_a_new_one_works()
    {
        using var client = await ConnectAsync();
        await client.SendAsync("ping"u8.ToArray(), _bound);
        await ReceiveAsync(client);

        _proxy.Reset().Should().Be(1);

        var receive = () => ReceiveAsync(client);
        (await receive.Should().ThrowAsync<SocketException>()).Which.SocketErrorCode.Should().Be(SocketError.ConnectionReset);
        using var next = await ConnectAsync();
        await next.SendAsync("ping"u8.ToArray(), _bound);
        (await ReceiveAsync(next)).Should().Be(4);
    }

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(_proxy.Address), _bound);
        return socket;
    }

    private async Task<int> ReceiveAsync(Socket socket) => await socket.ReceiveAsync(new byte[16], _bound);

    private async Task EchoAsync()
    {
        while (true)
        {
            var socket = await _server.AcceptSocketAsync(_bound);
            _ = Task.Run(
                async () =>
                {
                    using (socket)
                    {
                        var buffer = new byte[16];
                        while (await socket.ReceiveAsync(buffer, _bound) is > 0 and var read)
                            await socket.SendAsync(buffer.AsMemory(0, read), _bound);
                    }
                },
                _bound);
        }
    }
}
