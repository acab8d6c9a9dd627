using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Worker.Handlers.Http;

/// <summary>
/// Opens the connections of the http handler. The check is made on the address that is dialled, after the name was resolved,
/// so no name can lead around it.
/// </summary>
internal static class GuardedConnector
{
    public static HttpMessageInvoker CreateClient(bool allowLinkLocal) => new(new SocketsHttpHandler
    {
        // A proxy would resolve and dial in our place, past the check.
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectCallback = (context, cancellationToken) => ConnectAsync(context.DnsEndPoint, allowLinkLocal, cancellationToken),
    });

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, bool allowLinkLocal, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(target.Host, cancellationToken).ConfigureAwait(false);
        var allowed = allowLinkLocal ? addresses : [.. addresses.Where(address => !GuardedAddresses.Contains(address))];
        if (allowed.Length == 0 && addresses.Length > 0)
            throw new GuardedAddressException(target.Host, addresses[0]);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(allowed, target.Port, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The address is a guarded one.</summary>
internal sealed class GuardedAddressException(string host, IPAddress address) : Exception(
    $"'{host}' is {address}, a link-local or metadata address, which the http handler does not call unless allowLinkLocal is set.");
