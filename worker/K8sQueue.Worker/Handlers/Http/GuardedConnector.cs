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

    /// <summary>
    /// Those of a host's addresses that may be dialled. This machine's own (a sidecar's) only where the URL itself names it: a name from
    /// elsewhere must not lead to what listens for this pod alone.
    /// </summary>
    public static IPAddress[] Allowed(string host, IEnumerable<IPAddress> addresses, bool allowLinkLocal)
    {
        var namesThisMachine = host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var literal) && GuardedAddresses.IsThisMachine(literal));
        return
        [
            .. addresses.Where(address =>
                (allowLinkLocal || !GuardedAddresses.Contains(address)) && (namesThisMachine || !GuardedAddresses.IsThisMachine(address))),
        ];
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint target, bool allowLinkLocal, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(target.Host, cancellationToken).ConfigureAwait(false);
        var allowed = Allowed(target.Host, addresses, allowLinkLocal);
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
internal sealed class GuardedAddressException(string host, IPAddress address) : Exception(GuardedAddresses.IsThisMachine(address)
    ? $"'{host}' is {address}, this machine, which the http handler calls only where the URL says so: localhost, or the address itself."
    : $"'{host}' is {address}, a link-local or metadata address, which the http handler does not call unless allowLinkLocal is set.");
