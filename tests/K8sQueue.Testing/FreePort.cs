using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Testing;

/// <summary>
/// Loopback ports that nobody listens on, each given once by this process and by no other one that lives: what is given out in the moment before its server
/// listens looks free to all. They are below those that the kernel gives to clients: one of these could be taken by any connection meanwhile.
/// </summary>
public static class FreePort
{
    private const int Lowest = 20_000;

    /// <summary>A process takes ports by the slice, each of which has a file that it keeps locked to its end.</summary>
    private const int SliceSize = 64;

    private static readonly int Slices = (FirstOfClients() - Lowest) / SliceSize;
    private static readonly string Directory = System.IO.Directory.CreateDirectory(
        Path.Combine(Path.GetTempPath(), $"k8squeue-ports-{Environment.UserName}")).FullName;

    private static readonly Lock Gate = new();
    private static readonly List<FileStream> Claims = [];
    private static int _next;
    private static int _end;

    /// <exception cref="InvalidOperationException">All are taken.</exception>
    public static int Next()
    {
        lock (Gate)
        {
            while (true)
            {
                if (_next == _end)
                    ClaimSlice();
                var port = _next++;
                if (IsFree(port))
                    return port;
            }
        }
    }

    private static void ClaimSlice()
    {
        var first = Random.Shared.Next(Slices);
        for (var i = 0; i < Slices; i++)
        {
            var slice = (first + i) % Slices;
            var lowest = Lowest + (slice * SliceSize);
            try
            {
                Claims.Add(new FileStream(Path.Combine(Directory, lowest.ToString(CultureInfo.InvariantCulture)), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
                (_next, _end) = (lowest, lowest + SliceSize);
                return;
            }
            catch (IOException)
            {
                // Another process has it, or this one had it before.
            }
        }

        throw new InvalidOperationException($"No port from {Lowest} to {Lowest + (Slices * SliceSize) - 1} is free.");
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
