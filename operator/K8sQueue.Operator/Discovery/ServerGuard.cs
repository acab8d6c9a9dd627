using System.Net;
using System.Net.Sockets;
using K8sQueue.Core.Dialling;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Discovery;

/// <summary>
/// Keeps the operator from calling link-local and metadata addresses for whoever may write a budget or a pool: it stands where its author may not.
/// </summary>
/// <param name="allowLinkLocal">They may be called.</param>
internal sealed class ServerGuard(bool allowLinkLocal)
{
    /// <summary>Looks at what a host's name leads to, before a driver dials it by the name.</summary>
    /// <param name="where">The server, for people.</param>
    /// <param name="address">A name or an address, with or without a port.</param>
    /// <returns>Why it is not called: it leads to such an address. Null where it may be.</returns>
    public async Task<string?> FindRefusalAsync(string where, string address, CancellationToken cancellationToken)
    {
        if (allowLinkLocal)
            return null;
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(HostOf(address), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            // Who dials it says so.
            return null;
        }

        return addresses.FirstOrDefault(GuardedAddresses.Contains) is { } guarded ? Reason(where, guarded) : null;
    }

    /// <summary>The same, as a fault of a read.</summary>
    /// <exception cref="CapacityReadException">It leads to such an address.</exception>
    public async Task CheckAsync(string where, string address, CancellationToken cancellationToken)
    {
        if (await FindRefusalAsync(where, address, cancellationToken).ConfigureAwait(false) is { } refusal)
            throw new CapacityReadException(Reasons.AddressRefused, refusal);
    }

    /// <summary>Dials what is allowed of the host's addresses: what a name led to before counts for nothing.</summary>
    public ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) => GuardedDialler.ConnectAsync(
        context.DnsEndPoint, addresses => allowLinkLocal ? addresses : Array.FindAll(addresses, address => !GuardedAddresses.Contains(address)), cancellationToken);

    public static CapacityReadException Refusal(string where, IPAddress address) => new(Reasons.AddressRefused, Reason(where, address));

    private static string Reason(string where, IPAddress address) =>
        $"{where} is {address}, a link-local or metadata address, which the operator does not call: name the server's own, or set K8SQUEUE_OPERATOR_ALLOW_LINK_LOCAL.";

    /// <summary><c>host</c>, <c>host:port</c>, <c>[::1]:port</c> or <c>::1</c>.</summary>
    private static string HostOf(string address)
    {
        if (address.StartsWith('[') && address.IndexOf(']', StringComparison.Ordinal) is > 0 and var end)
            return address[1..end];
        var colon = address.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0 && colon == address.LastIndexOf(':') ? address[..colon] : address;
    }
}
