using System.Globalization;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers;

/// <summary>
/// A Redis server as a trigger sees it. KEDA has a connection a trigger; here those with the same settings share one, as thousands of them on one
/// machine would run out of sockets. It is small on purpose: every command has a deadline, and an error closes the connection, so that the next
/// command makes a new one with the password of then.
/// </summary>
internal sealed class RedisSource : IDisposable
{
    private readonly string _host;
    private readonly int _port;
    private readonly TriggerSettings _settings;
    private readonly bool _tls;
    private readonly RedisConnection _connection;
    private int _isDisposed;

    public RedisSource(TriggerSettings settings)
    {
        _settings = settings;
        var address = settings.Text("address") ?? (settings.Text("host") is { } host ? $"{host}:{settings.Text("port")}" : null)
            ?? throw new ScalerException("no addresses or hosts given. address should be a comma separated list of host:port or set the host/port values");
        var separator = address.LastIndexOf(':');
        if (separator <= 0 || !int.TryParse(address.AsSpan(separator + 1), CultureInfo.InvariantCulture, out _port))
            throw new ScalerException($"address {address}: not of the form host:port");
        _host = address[..separator];
        _tls = settings.Flag("enableTLS") || settings.Authentication("tls") == "enable";
        _connection = RedisConnection.Take(string.Join('\n',
            address, _tls, settings.Flag("unsafeSsl"), settings.Authentication("ca"), settings.Text("username"), settings.Text("password"),
            settings.Number("databaseIndex", 0).ToString(CultureInfo.InvariantCulture)));
    }

    /// <summary>Sends one command; the reply as text, a number as its digits, an array as its parts.</summary>
    public async Task<object?> CallAsync(CancellationToken cancellationToken, params string[] command)
    {
        using var turn = await _connection.TakeTurnAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            _connection.Stream ??= await ConnectAsync(cancellationToken).ConfigureAwait(false);
            return await CallAsync(_connection.Stream, command, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ScalerException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            _connection.Close();
            if (e is OperationCanceledException or ScalerException)
                throw;
            throw new ScalerException($"connection to redis failed: {e.Message}", e);
        }
    }

    public async Task<double> NumberAsync(CancellationToken cancellationToken, params string[] command) =>
        Convert.ToDouble(await CallAsync(cancellationToken, command).ConfigureAwait(false), CultureInfo.InvariantCulture);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            _connection.Dispose();
    }

    private async Task<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        Stream? stream = null;
        try
        {
            await client.ConnectAsync(_host, _port, cancellationToken).ConfigureAwait(false);
            stream = _tls ? await SecureAsync(client.GetStream(), cancellationToken).ConfigureAwait(false) : client.GetStream();
            if (_settings.Text("password") is { Length: > 0 } password)
            {
                string[] auth = _settings.Text("username") is { Length: > 0 } user ? ["AUTH", user, password] : ["AUTH", password];
                await CallAsync(stream, auth, cancellationToken).ConfigureAwait(false);
            }

            if (_settings.Number("databaseIndex", 0) is var database and not 0)
                await CallAsync(stream, ["SELECT", database.ToString(CultureInfo.InvariantCulture)], cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            stream?.Dispose();
            client.Dispose();
            throw;
        }
    }

    private async Task<Stream> SecureAsync(Stream plain, CancellationToken cancellationToken)
    {
        var secure = new SslStream(plain, leaveInnerStreamOpen: false);
        var options = new SslClientAuthenticationOptions { TargetHost = _host };
        if (_settings.Flag("unsafeSsl"))
        {
            // CA5359: asked for by name in the trigger.
#pragma warning disable CA5359
            options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (_settings.Authentication("ca") is { } ca)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPem(ca);
        }

        await secure.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
        return secure;
    }

    private static async Task<object?> CallAsync(Stream stream, string[] command, CancellationToken cancellationToken)
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{command.Length}\r\n");
        foreach (var part in command)
            text.Append(CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(part)}\r\n{part}\r\n");
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancellationToken).ConfigureAwait(false);
        return await ReplyAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<object?> ReplyAsync(Stream stream, CancellationToken cancellationToken)
    {
        var line = await LineAsync(stream, cancellationToken).ConfigureAwait(false);
        var rest = line[1..];
        switch (line[0])
        {
            case '-':
                throw new ScalerException(rest);
            case '$' when rest != "-1":
                var bytes = new byte[int.Parse(rest, CultureInfo.InvariantCulture) + 2];
                await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
                return Encoding.UTF8.GetString(bytes, 0, bytes.Length - 2);
            case '*' when rest != "-1":
                var parts = new object?[int.Parse(rest, CultureInfo.InvariantCulture)];
                for (var i = 0; i < parts.Length; i++)
                    parts[i] = await ReplyAsync(stream, cancellationToken).ConfigureAwait(false);
                return parts;
            case '$' or '*':
                return null;
            default:
                return rest;
        }
    }

    private static async Task<string> LineAsync(Stream stream, CancellationToken cancellationToken)
    {
        var line = new List<byte>();
        var one = new byte[1];
        while (line.Count < 2 || line[^2] != '\r' || line[^1] != '\n')
        {
            await stream.ReadExactlyAsync(one, cancellationToken).ConfigureAwait(false);
            line.Add(one[0]);
        }

        return Encoding.UTF8.GetString([.. line[..^2]]);
    }
}
