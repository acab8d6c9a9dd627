using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Testing;

/// <summary>
/// Loopback ports that nobody listens on, each given once by this process. They are below those that the kernel gives to clients: one of these could be
/// taken by any connection before the server that it is meant for starts.
/// </summary>
public static class FreePort
{
    private const int Lowest = 20_000;

    private static readonly int Highest = FirstOfClients() - 1;
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <exception cref="InvalidOperationException">None of a thousand tries was free.</exception>
    public static int Next()
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = Random.Shared.Next(Lowest, Highest + 1);
            if (Given.TryAdd(port, true) && IsFree(port))
                return port;
        }

        throw new InvalidOperationException($"No port from {Lowest} to {Highest} is free.");
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            return false;
        }
    }

    private static int FirstOfClients()
    {
        const string range = "/proc/sys/net/ipv4/ip_local_port_range";
        var first = File.Exists(range) ? int.Parse(File.ReadAllText(range).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[0], CultureInfo.InvariantCulture) : 0;
        return first > Lowest + 1_000 ? first : 32_768;
    }
}
