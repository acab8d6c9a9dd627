using System.Net.Sockets;

namespace K8sQueue.Core.Redis.Resp;

/// <summary>
/// Connects with a bound and without the thread pool. Socket's own time-outs need the pool or a non-blocking socket, and the
/// calls of a socket that was non-blocking once do not come back while the pool is busy. So the call blocks a thread made for it.
/// </summary>
internal static class RespSocket
{
    /// <exception cref="IOException">The host can't be resolved or reached, or not in time.</exception>
    public static Socket Connect(string host, int port, TimeSpan timeout)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        SocketException? failure = null;
        var connector = new Thread(() =>
        {
            try
            {
                socket.Connect(host, port);
            }
            catch (SocketException e)
            {
                failure = e;
            }
            catch (ObjectDisposedException)
            {
                // The caller gave up.
            }
        })
        { IsBackground = true, Name = "k8squeue-connect" };
        connector.Start();
        var ended = connector.Join(timeout);
        if (ended && failure is null)
            return socket;
        socket.Dispose();
        throw ended
            ? new IOException($"{host}:{port} can't be reached: {failure!.Message}", failure)
            : new IOException($"{host}:{port} did not accept a connection within {timeout.TotalSeconds:0.#} s.");
    }
}
