using System.Net;
using K8sQueue.Core.Dialling;

namespace K8sQueue.Worker.Handlers.Http;

/// <summary>Opens the connections of the http handler, by <see cref="GuardedDialler"/>.</summary>
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
        ConnectCallback = (context, cancellationToken) => GuardedDialler.ConnectAsync(
            context.DnsEndPoint, addresses => Allowed(context.DnsEndPoint.Host, addresses, allowLinkLocal), cancellationToken),
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

    /// <summary>Why it was not dialled, and what to do.</summary>
    public static string Reason(GuardedAddressException e) => GuardedAddresses.IsThisMachine(e.Address)
        ? $"'{e.Host}' is {e.Address}, this machine, which the http handler calls only where the URL says so: localhost, or the address itself."
        : $"'{e.Host}' is {e.Address}, a link-local or metadata address, which the http handler does not call unless allowLinkLocal is set.";
}
