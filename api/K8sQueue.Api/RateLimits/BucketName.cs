using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Api.RateLimits;

/// <summary>Whose bucket it is.</summary>
/// <param name="Kind">What tells callers apart.</param>
/// <param name="Value">The key's name, the subject or the address.</param>
internal readonly record struct BucketName(CallerKind Kind, string Value)
{
    private const int NetworkBytes = 8;

    /// <summary>The name of its limit in <c>RateLimit</c>, a word.</summary>
    public string Policy => Kind == CallerKind.Key ? "key" : "address";

    /// <summary>
    /// The bucket of an address; of IPv6 that of its /64, which is what one host has at least. Where nobody knows the address, of all such callers together.
    /// </summary>
    public static BucketName Of(CallerKind kind, IPAddress? address)
    {
        if (address is null)
            return new BucketName(kind, "unknown");
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return new BucketName(kind, address.ToString());
        var bytes = address.GetAddressBytes();
        Array.Clear(bytes, NetworkBytes, bytes.Length - NetworkBytes);
        return new BucketName(kind, $"{new IPAddress(bytes)}/64");
    }

    /// <summary>The bucket's name in the store.</summary>
    public override string ToString() => $"{(Kind switch { CallerKind.Key => "key", CallerKind.Anybody => "open", _ => "address" })}:{Value}";
}

/// <summary>What is known of who sends a request.</summary>
internal enum CallerKind
{
    /// <summary>A key or a subject that is good, or the login of one.</summary>
    Key,

    /// <summary>An address, where the API asks for no keys.</summary>
    Anybody,

    /// <summary>An address whose request has no key, or one that is not known.</summary>
    Stranger,
}
