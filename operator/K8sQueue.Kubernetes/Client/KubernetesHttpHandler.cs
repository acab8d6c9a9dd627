using System.Net;
using System.Net.Security;
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

    /// <param name="clientCertificate">Asked at each handshake for the certificate of that moment.</param>
    public static SocketsHttpHandler Create(KubernetesClientConfiguration configuration, Func<Credential?> clientCertificate)
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
            SslOptions = TlsOptions(configuration, clientCertificate),
        };
        if (configuration.ProxyUrl is { } proxy)
            handler.Proxy = new WebProxy(proxy);
        else if (configuration.Server.IsLoopback)
            handler.UseProxy = false;
        return handler;
    }

    private static SslClientAuthenticationOptions TlsOptions(KubernetesClientConfiguration configuration, Func<Credential?> clientCertificate)
    {
        var options = new SslClientAuthenticationOptions
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => clientCertificate()?.ClientCertificate!,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        };
        if (configuration.CertificateAuthorities is { } authorities)
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
