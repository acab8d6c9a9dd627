using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Kubernetes.Authentication;
using K8sQueue.Kubernetes.Configuration;

namespace K8sQueue.Kubernetes.Client;

/// <summary>The sockets under the client: HTTP/2 with pings, TLS that trusts the cluster's CA and nothing else.</summary>
internal static class KubernetesHttpHandler
{
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    // New requests move to a fresh connection after this, so that rotated certificates and added API servers are taken up; running
    // watches stay where they are.
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    // What the pings do not see once .NET stopped them after a GOAWAY (dotnet/runtime #120179), the kernel does: a peer that is gone.
    private static readonly TimeSpan TcpIdle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TcpInterval = TimeSpan.FromSeconds(10);
    private const int TcpProbes = 3;

    public static SocketsHttpHandler Create(
        KubernetesClientConfiguration configuration, X509Certificate2Collection? authorities, Credential credential)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            KeepAlivePingDelay = PingDelay,
            KeepAlivePingTimeout = PingTimeout,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = ConnectionLifetime,
            AutomaticDecompression = DecompressionMethods.GZip,
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectCallback = ConnectAsync,
            SslOptions = TlsOptions(configuration, authorities, credential),
        };
        if (configuration.ProxyUrl is { } proxy)
            handler.Proxy = new WebProxy(proxy);
        else if (configuration.Server.IsLoopback)
            handler.UseProxy = false;
        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)TcpIdle.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)TcpInterval.TotalSeconds);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, TcpProbes);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions TlsOptions(
        KubernetesClientConfiguration configuration, X509Certificate2Collection? authorities, Credential credential)
    {
        var options = new SslClientAuthenticationOptions { CertificateRevocationCheckMode = X509RevocationMode.NoCheck };
        if (credential.ClientCertificate is { } certificate)
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, credential.Intermediates, offline: true);
        if (authorities is not null)
        {
            // The roots are replaced; the name is checked all the same, since no callback overrules the verdict.
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (configuration.InsecureSkipTlsVerify)
        {
#pragma warning disable CA5359 // The kubeconfig's owner asked for exactly this by name.
            options.RemoteCertificateValidationCallback = static (_, _, _, _) => true;
#pragma warning restore CA5359
        }

        return options;
    }
}
