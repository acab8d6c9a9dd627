using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace K8sQueue.Core.Redis.Resp;

/// <summary>
/// One socket to the server, for one call at a time. The synchronous calls never need the thread pool: heartbeats must go out
/// when every pool thread is busy with jobs.
/// </summary>
internal sealed class RespConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly Stream _stream;
    private readonly RespParser _parser = new();

    private RespConnection(Socket socket, Stream stream)
    {
        _socket = socket;
        _stream = stream;
    }

    /// <summary>Connects, authenticates, selects the database and sets the connection's name; each step within the time-out.</summary>
    /// <exception cref="IOException">The server can't be reached, or did not answer in time.</exception>
    /// <exception cref="RespException">The server refused.</exception>
    public static RespConnection Connect(RedisEndpoint endpoint, TimeSpan timeout)
    {
        var socket = RespSocket.Connect(endpoint.Address.Host, endpoint.Address.Port, timeout);
        Stream stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            SetTimeout(socket, timeout);
            if (endpoint.Tls is { } tls)
            {
                var secure = new SslStream(stream, leaveInnerStreamOpen: false);
                stream = secure;
                secure.AuthenticateAsClient(tls);
            }

            var connection = new RespConnection(socket, stream);
            if (endpoint.ReadPassword() is { } password)
                connection.Require(timeout, "AUTH", password);
            if (endpoint.Database != 0)
                connection.Require(timeout, "SELECT", endpoint.Database.ToString(CultureInfo.InvariantCulture));
            connection.Require(timeout, "CLIENT", "SETNAME", endpoint.ClientName);
            return connection;
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Sends a command and waits for its reply, which may be an error.</summary>
    /// <exception cref="IOException">The connection broke, or there was no answer in time; it is of no use any more.</exception>
    public RespValue Call(TimeSpan timeout, params ReadOnlySpan<object> command) => Call(timeout, Encode(command), 1)[0];

    /// <summary>Sends commands in one piece and waits for the reply of each, which may be an error.</summary>
    /// <inheritdoc cref="Call(TimeSpan, ReadOnlySpan{object})" path="/exception"/>
    public RespValue[] Call(TimeSpan timeout, object[][] commands) => Call(timeout, Encode(commands), commands.Length);

    /// <summary>
    /// Whether the user has the right to transactions. For one who has not, the server would run the commands of a transaction one by one.
    /// </summary>
    /// <inheritdoc cref="Call(TimeSpan, ReadOnlySpan{object})" path="/exception"/>
    public bool MayTransact(TimeSpan timeout)
    {
        if (Call(timeout, "MULTI").Error is not null)
            return false;
        if (Call(timeout, "EXEC").Error is null)
            return true;
        Call(timeout, "DISCARD"); // Redis has done so already where it refused EXEC
        return false;
    }

    /// <summary>Whether the user has the right to turn replies off, which are on.</summary>
    /// <inheritdoc cref="Call(TimeSpan, ReadOnlySpan{object})" path="/exception"/>
    public bool MayTurnRepliesOff(TimeSpan timeout) => Call(timeout, "CLIENT", "REPLY", "ON").Error is null;

    /// <summary>Sends commands in one piece and waits for the reply of each, which may be an error.</summary>
    /// <inheritdoc cref="Call(TimeSpan, ReadOnlySpan{object})" path="/exception"/>
    public async Task<RespValue[]> CallAsync(object[][] commands, CancellationToken cancellationToken)
    {
        await WriteAsync(Encode(commands), cancellationToken).ConfigureAwait(false);
        var values = new RespValue[commands.Length];
        for (var i = 0; i < values.Length; i++)
        {
            while (!_parser.TryRead(out values[i]))
                await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        }

        return values;
    }

    /// <summary>Sends commands that were encoded already and hands their replies to <paramref name="read"/> as they are.</summary>
    public async Task<T> CallAsync<T>(ReadOnlyMemory<byte> commands, int replies, RespRead<T> read, CancellationToken cancellationToken)
    {
        await WriteAsync(commands, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(replies, read, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends commands that were encoded already.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> commands, CancellationToken cancellationToken) =>
        _stream.WriteAsync(commands, cancellationToken);

    /// <summary>Waits until something of a reply has come.</summary>
    /// <exception cref="EndOfStreamException">The server closed the connection.</exception>
    public async ValueTask WaitForReplyAsync(CancellationToken cancellationToken)
    {
        if (_parser.IsEmpty)
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits for so many replies and hands them to <paramref name="read"/> as they are.</summary>
    public async Task<T> ReadAsync<T>(int replies, RespRead<T> read, CancellationToken cancellationToken)
    {
        _parser.Expect(replies);
        while (!_parser.IsWhole())
            await ReceiveAsync(cancellationToken).ConfigureAwait(false);
        return _parser.Take(read);
    }

    public void Dispose() => _stream.Dispose();

    private static void SetTimeout(Socket socket, TimeSpan timeout)
    {
        var milliseconds = Math.Max(1, (int)timeout.TotalMilliseconds);
        socket.SendTimeout = milliseconds;
        socket.ReceiveTimeout = milliseconds;
    }

    private RespValue[] Call(TimeSpan timeout, byte[] commands, int replies)
    {
        var started = Stopwatch.GetTimestamp();
        SetTimeout(_socket, timeout);
        _stream.Write(commands);
        var values = new RespValue[replies];
        for (var i = 0; i < replies; i++)
        {
            while (!_parser.TryRead(out values[i]))
            {
                var left = timeout - Stopwatch.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                    throw new IOException($"The server did not answer within {timeout.TotalSeconds:0.#} s.");
                SetTimeout(_socket, left);
                Received(_stream.Read(_parser.Space().Span));
            }
        }

        return values;
    }

    private static byte[] Encode(object[][] commands)
    {
        using var bytes = new MemoryStream();
        foreach (var command in commands)
            Write(bytes, command);
        return bytes.ToArray();
    }

    private static byte[] Encode(ReadOnlySpan<object> command)
    {
        using var bytes = new MemoryStream();
        Write(bytes, command);
        return bytes.ToArray();
    }

    private static void Write(MemoryStream bytes, ReadOnlySpan<object> command)
    {
        Write(bytes, string.Create(CultureInfo.InvariantCulture, $"*{command.Length}\r\n"));
        foreach (var part in command)
        {
            var value = part as byte[] ?? Encoding.UTF8.GetBytes((string)part);
            Write(bytes, string.Create(CultureInfo.InvariantCulture, $"${value.Length}\r\n"));
            bytes.Write(value);
            Write(bytes, "\r\n");
        }
    }

    private static void Write(MemoryStream bytes, string text) => bytes.Write(Encoding.ASCII.GetBytes(text));

    private void Require(TimeSpan timeout, params ReadOnlySpan<object> command)
    {
        if (Call(timeout, command).Error is { } error)
            throw new RespException($"{command[0]}: {error}");
    }

    private async ValueTask ReceiveAsync(CancellationToken cancellationToken) =>
        Received(await _stream.ReadAsync(_parser.Space(), cancellationToken).ConfigureAwait(false));

    private void Received(int bytes)
    {
        if (bytes == 0)
            throw new EndOfStreamException("The server closed the connection.");
        _parser.Added(bytes);
    }
}
