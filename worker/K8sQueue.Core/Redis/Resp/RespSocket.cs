using System.Net;
using System.Net.Sockets;

namespace K8sQueue.Core.Redis.Resp;

/// <summary>Connects with a bound and without the thread pool, which no call of Socket's own does.</summary>
internal static class RespSocket
{
    public static Socket Connect(string host, int port, TimeSpan timeout)
    {
        Exception? last = null;
        foreach (var address in Resolve(host, timeout))
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                Connect(socket, new IPEndPoint(address, port), timeout);
                return socket;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                last = e;
                socket.Dispose();
            }
        }

        throw new IOException($"{host}:{port} can't be reached: {last?.Message ?? "the name has no address."}", last);
    }

    private static void Connect(Socket socket, EndPoint endpoint, TimeSpan timeout)
    {
        socket.Blocking = false;
        try
        {
            socket.Connect(endpoint);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.InProgress)
        {
            if (!socket.Poll(timeout, SelectMode.SelectWrite))
                throw new IOException($"No connection within {timeout.TotalSeconds:0.#} s.", e);
            var error = (int)socket.GetSocketOption(SocketOptionLevel.Socket, SocketOptionName.Error)!;
            if (error != 0)
                throw new SocketException(error);
        }

        socket.Blocking = true;
    }

    // A resolver may hang for longer than a lease, so it has a thread to hang on.
    private static IPAddress[] Resolve(string host, TimeSpan timeout)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];
        IPAddress[] found = [];
        SocketException? failure = null;
        var resolver = new Thread(() =>
        {
            try
            {
                found = Dns.GetHostAddresses(host);
            }
            catch (SocketException e)
            {
                failure = e;
            }
        })
        { IsBackground = true, Name = "k8squeue-resolve" };
        resolver.Start();
        if (!resolver.Join(timeout))
            throw new IOException($"The name {host} was not resolved within {timeout.TotalSeconds:0.#} s.");
        return failure is null ? found : throw new IOException($"The name {host} was not resolved: {failure.Message}", failure);
    }
}
