using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;

namespace K8sQueue.LocalCluster.Autoscaling.Scalers.External;

/// <summary>One gRPC connection to a server: TLS, with a client certificate where there is one; calls go over HTTP/2, uncompressed.</summary>
internal sealed class RpcChannel : IDisposable
{
    private const int PrefixLength = 5;
    private const int LongestMessage = 4 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly X509Certificate2? _certificate;

    /// <param name="address"><c>host:port</c>.</param>
    /// <param name="authorities">Whom to trust, PEM; null for the system's.</param>
    /// <param name="certificate">The client's certificate, PEM.</param>
    /// <param name="key">Its key, PEM.</param>
    /// <param name="connectTimeout">How long a connection may take, the handshake of TLS included; null for no end.</param>
    public RpcChannel(string address, string? authorities, string? certificate, string? key, TimeSpan? connectTimeout = null)
    {
        var options = new SslClientAuthenticationOptions();
        if (authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.ImportFromPem(authorities);
        }

        if (certificate is not null && key is not null)
        {
            _certificate = X509Certificate2.CreateFromPem(certificate, key);
            options.ClientCertificates = [_certificate];
        }

        var handler = new SocketsHttpHandler { SslOptions = options, UseProxy = false, ConnectTimeout = connectTimeout ?? Timeout.InfiniteTimeSpan };
        _http = new HttpClient(handler)
        {
            BaseAddress = new Uri($"https://{address}"),
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <exception cref="RpcException">The call failed.</exception>
    public async Task<T> CallAsync<T>(string path, byte[] frame, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        await foreach (var message in StreamAsync(path, frame, parser, cancellationToken).ConfigureAwait(false))
            return message;
        throw new RpcException(RpcException.Unavailable, "there was no answer");
    }

    /// <summary>The messages of a call, until it ends with OK.</summary>
    /// <exception cref="RpcException">The call failed.</exception>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        string path, byte[] frame, MessageParser<T> parser, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        using var response = await TryAsync(() => SendAsync(path, frame, cancellationToken), cancellationToken).ConfigureAwait(false);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        while (await TryAsync(() => ReadAsync(body, cancellationToken), cancellationToken).ConfigureAwait(false) is { } message)
            yield return parser.ParseFrom(message);
        ThrowUnlessOk(response.TrailingHeaders);
    }

    /// <summary>A request's body.</summary>
    public static byte[] Frame(IMessage message, bool compressed = false)
    {
        var bytes = message.ToByteArray();
        var frame = new byte[PrefixLength + bytes.Length];
        frame[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), bytes.Length);
        bytes.CopyTo(frame, PrefixLength);
        return frame;
    }

    public void Dispose()
    {
        _http.Dispose();
        _certificate?.Dispose();
    }

    /// <summary>The time that a call has, in the header <c>grpc-timeout</c>; null for no end.</summary>
    public TimeSpan? Deadline { get; init; }

    private async Task<HttpResponseMessage> SendAsync(string path, byte[] frame, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(frame),
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (Deadline is { } deadline)
            request.Headers.Add("grpc-timeout", string.Create(CultureInfo.InvariantCulture, $"{(long)deadline.TotalMilliseconds}m"));
        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode == HttpStatusCode.OK)
            return response;
        response.Dispose();
        throw new RpcException(RpcException.Unavailable, $"HTTP {(int)response.StatusCode}");
    }

    /// <summary>Null at the end.</summary>
    private static async Task<byte[]?> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var prefix = new byte[PrefixLength];
        var read = await body.ReadAtLeastAsync(prefix, PrefixLength, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        if (read == 0)
            return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1));
        if (read < PrefixLength || prefix[0] != 0 || length > LongestMessage)
            throw new IOException("not a message of gRPC");
        var message = new byte[length];
        await body.ReadExactlyAsync(message, cancellationToken).ConfigureAwait(false);
        return message;
    }

    private static async Task<T> TryAsync<T>(Func<Task<T>> part, CancellationToken cancellationToken)
    {
        try
        {
            return await part().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Cancelled, though nobody asked for it: a connection that took too long.
            throw new RpcException(RpcException.Unavailable, e.InnerException?.Message ?? e.Message, e);
        }
    }

    private static void ThrowUnlessOk(HttpResponseHeaders trailers)
    {
        var status = trailers.TryGetValues("grpc-status", out var values) && int.TryParse(values.First(), CultureInfo.InvariantCulture, out var number)
            ? number
            : RpcException.Unavailable;
        if (status == 0)
            return;
        var message = trailers.TryGetValues("grpc-message", out var texts) ? Uri.UnescapeDataString(texts.First()) : "the connection ended";
        throw new RpcException(status, message);
    }
}
