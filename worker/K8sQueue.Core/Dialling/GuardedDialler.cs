using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Core.Dialling;

/// <summary>
/// Opens connections to hosts that others name. The check is made on the address that is dialled, after the name was resolved, so no name can lead
/// around it.
/// </summary>
public static class GuardedDialler
{
    /// <param name="target">What is to be dialled.</param>
    /// <param name="allowed">Those of the host's addresses that may be.</param>
    /// <param name="cancellationToken">Ends the dialling.</param>
    /// <exception cref="GuardedAddressException">None of its addresses may be dialled.</exception>
    public static async ValueTask<Stream> ConnectAsync(
        DnsEndPoint target, Func<IPAddress[], IPAddress[]> allowed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(allowed);
        var addresses = await Dns.GetHostAddressesAsync(target.Host, cancellationToken).ConfigureAwait(false);
        var good = allowed(addresses);
        if (good.Length == 0 && addresses.Length > 0)
            throw new GuardedAddressException(target.Host, addresses[0]);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(good, target.Port, cancellationToken).ConfigureAwait(false);
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
public sealed class GuardedAddressException(string host, IPAddress address) : Exception($"'{host}' is {address}, which is not dialled.")
{
    public string Host { get; } = host;

    public IPAddress Address { get; } = address;
}
