using System.Net;
using System.Net.Sockets;
using K8sQueue.LocalCluster.Autoscaling.Scalers.External;
using K8sQueue.Operator.Push.Protocol;

namespace K8sQueue.LocalCluster.Tests.Autoscaling;

public sealed class RpcChannelTests
{
    [Fact]
    public async Task A_server_that_never_answers_the_handshake_is_unavailable()
    {
        // The kernel accepts for it, and nobody reads.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var channel = new RpcChannel(silent.LocalEndpoint.ToString()!, null, null, null, TimeSpan.FromMilliseconds(200));
        var client = new ExternalScalerClient(channel, new ScaledObjectRef());

        var call = () => client.IsActiveAsync(CancellationToken.None);

        (await call.Should().ThrowAsync<RpcException>()).Which.Status.Should().Be(RpcException.Unavailable);
    }
}
