using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace K8sQueue.Kubernetes.Tests.Fakes;

/// <summary>
/// An HTTP/2 server by hand, for what no well-behaved one does: it answers the first request of each connection, may send a GOAWAY that lets
/// that request go on, and then falls silent for good: no data, no end, no answer to a ping.
/// </summary>
public sealed class Http2ApiServer : IAsyncDisposable
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte Ack = 1;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2 _certificate;
    private readonly Func<int, Answer> _answer;
    private readonly Task _accepting;
    private int _connections;
    private int _answered;

    /// <param name="certificate">Of the server.</param>
    /// <param name="answer">What the first request of the n-th connection, from 1, gets.</param>
    public Http2ApiServer(X509Certificate2 certificate, Func<int, Answer> answer)
    {
        _certificate = certificate;
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public int Connections => _connections;

    /// <summary>Requests that were answered, as far as they are.</summary>
    public int Answered => _answered;

    /// <summary>Pings that came after a connection had fallen silent.</summary>
    public ConcurrentQueue<int> PingsInSilence { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var serving = new List<Task>();
        try
        {
            while (true)
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token), Interlocked.Increment(ref _connections)));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        using (client)
        {
            try
            {
                await using var stream = new SslStream(client.GetStream());
                await stream.AuthenticateAsServerAsync(
                    new SslServerAuthenticationOptions { ServerCertificate = _certificate, ApplicationProtocols = [SslApplicationProtocol.Http2] }, _stop.Token);
                await ConverseAsync(stream, number);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
            {
                // The client went, or the test is over.
            }
        }
    }

    private async Task ConverseAsync(Stream stream, int number)
    {
        await stream.ReadExactlyAsync(new byte[24], _stop.Token);
        await WriteAsync(stream, Settings, 0, 0, []);
        var silent = false;
        while (true)
        {
            var (type, flags, id, payload) = await ReadAsync(stream);
            switch (type)
            {
                case Ping when silent:
                    PingsInSilence.Enqueue(number);
                    break;
                case Ping when (flags & Ack) == 0:
                    await WriteAsync(stream, Ping, Ack, 0, payload);
                    break;
                case Settings when (flags & Ack) == 0:
                    await WriteAsync(stream, Settings, Ack, 0, []);
                    break;
                case Headers when !silent:
                    silent = await AnswerAsync(stream, id, _answer(number));
                    break;
            }
        }
    }

    private async Task<bool> AnswerAsync(Stream stream, int id, Answer answer)
    {
        // HPACK: index 8 of the static table is ":status: 200".
        await WriteAsync(stream, Headers, EndHeaders, id, [0x88]);
        await WriteAsync(stream, Data, answer.Ends ? EndStream : (byte)0, id, Encoding.UTF8.GetBytes(answer.Body));
        if (answer.GoesAway)
        {
            var last = new byte[8];
            BinaryPrimitives.WriteInt32BigEndian(last, id);
            await WriteAsync(stream, GoAway, 0, 0, last);
        }

        Interlocked.Increment(ref _answered);
        return !answer.Ends;
    }

    private async Task<(byte Type, byte Flags, int Stream, byte[] Payload)> ReadAsync(Stream stream)
    {
        var head = new byte[9];
        await stream.ReadExactlyAsync(head, _stop.Token);
        var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
        await stream.ReadExactlyAsync(payload, _stop.Token);
        return (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
    }

    private async Task WriteAsync(Stream stream, byte type, byte flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2]) = ((byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length);
        (frame[3], frame[4]) = (type, flags);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await stream.WriteAsync(frame, _stop.Token);
        await stream.FlushAsync(_stop.Token);
    }

    public sealed record Answer(string Body, bool Ends, bool GoesAway = false);
}
