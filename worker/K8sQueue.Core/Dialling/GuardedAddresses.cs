using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Core.Dialling;

/// <summary>
/// Addresses at which clouds hand out credentials to whoever asks from inside: what others write must not lead a worker or the operator there.
/// </summary>
public static class GuardedAddresses
{
    private static readonly IPNetwork[] Networks =
    [
        IPNetwork.Parse("169.254.0.0/16"),      // link-local; the metadata service of most clouds
        IPNetwork.Parse("100.100.100.200/32"),  // Alibaba Cloud
        IPNetwork.Parse("168.63.129.16/32"),    // Azure's host
        IPNetwork.Parse("192.0.0.192/32"),      // Oracle Cloud
        IPNetwork.Parse("fe80::/10"),           // link-local
        IPNetwork.Parse("fd00:ec2::254/128"),   // AWS
        IPNetwork.Parse("fd20:ce::254/128"),    // Google Cloud
    ];

    // Prefixes that carry an IPv4 address: NAT64 (RFC 6052) in the last four bytes, 6to4 (RFC 3056) in bytes 2 to 5.
    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    // A network's own NAT64 (RFC 8215) has a prefix of any length in there, so the address stands at any of the places of RFC 6052.
    private static readonly IPNetwork LocalNat64 = IPNetwork.Parse("64:ff9b:1::/48");

    /// <summary>Whether the address is one of those, also where it is wrapped in an IPv6 one.</summary>
    public static bool Contains(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return IsGuarded(Unwrap(address)) || Array.Exists(CarriedBy(address), IsGuarded);
    }

    /// <summary>Whether a connection to the address ends at this machine: loopback, or the unspecified address.</summary>
    public static bool IsThisMachine(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var plain = Unwrap(address);
        return IPAddress.IsLoopback(plain) || plain.Equals(IPAddress.IPv6Any)
            || (plain.AddressFamily == AddressFamily.InterNetwork && plain.GetAddressBytes()[0] == 0);
    }

    private static bool IsGuarded(IPAddress plain) =>
        Array.Exists(Networks, network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain));

    private static IPAddress[] CarriedBy(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6 || !LocalNat64.Contains(address))
            return [];
        var bytes = address.GetAddressBytes();
        return
        [
            new([bytes[6], bytes[7], bytes[9], bytes[10]]), new([bytes[7], bytes[9], bytes[10], bytes[11]]),
            new(bytes.AsSpan(9, 4)), new(bytes.AsSpan(12, 4)),
        ];
    }

    private static IPAddress Unwrap(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        if (Nat64.Contains(address))
            return new IPAddress(bytes.AsSpan(12, 4));
        return SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4)) : new IPAddress(bytes);
    }
}
