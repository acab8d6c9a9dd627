using System.Globalization;

namespace K8sQueue.Core.Redis;

/// <summary>Where a server listens.</summary>
internal readonly record struct RedisAddress(string Host, int Port)
{
    public const int DefaultPort = 6379;

    /// <summary>Reads <c>host</c>, <c>host:port</c>, <c>1.2.3.4:port</c> or <c>[::1]:port</c>; false for anything else, a URL too.</summary>
    public static bool TryParse(string text, out RedisAddress address)
    {
        address = default;
        var host = text;
        var port = DefaultPort;
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && !text.EndsWith(']'))
        {
            host = text[..colon];
            if (!int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
                return false;
        }

        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return false;
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            return false;
        address = new RedisAddress(host, port);
        return true;
    }
}
