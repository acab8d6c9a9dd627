using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Kubernetes.Authentication;
using K8sQueue.Kubernetes.Configuration;

namespace K8sQueue.Kubernetes.Client;

/// <summary>
/// The pool of connections, made anew when the CA bundle or the client certificate was renewed: a connection keeps for life what it was opened
/// with. Requests and watches under way end on the old ones, which close by themselves once they are idle.
/// </summary>
internal sealed class KubernetesConnections : IDisposable
{
    private readonly Lock _gate = new();
    private readonly KubernetesClientConfiguration _configuration;
    private readonly FileValue<X509Certificate2Collection>? _authorityFile;
    private Pool? _pool;
    private bool _disposed;

    public KubernetesConnections(KubernetesClientConfiguration configuration, TimeProvider time)
    {
        _configuration = configuration;
        _authorityFile = configuration is { CertificateAuthorityFile: { } path, InsecureSkipTlsVerify: false }
            ? new FileValue<X509Certificate2Collection>([path], static texts => ClientCertificates.Authorities(texts[0]), time)
            : null;
    }

    /// <summary>What to send a request through, and the authorities that its server is checked against.</summary>
    /// <exception cref="KubeConfigException">The CA file can't be read, and never could.</exception>
    public Pool For(Credential credential)
    {
        var authorities = Authorities();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_pool is { } current && ReferenceEquals(current.Authorities, authorities)
                && ReferenceEquals(current.Certificate, credential.ClientCertificate))
                return current;
            var handler = KubernetesHttpHandler.Create(_configuration, authorities, credential);
            return _pool = new Pool(new HttpMessageInvoker(handler), authorities, credential.ClientCertificate);
        }
    }

    /// <summary>Whether a failed handshake is worth another try, because the CA bundle was renewed meanwhile. Nothing was sent then.</summary>
    public bool IsOutdated(Pool pool, HttpRequestException failure)
    {
        if (_authorityFile is null || failure is not { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: AuthenticationException })
            return false;
        if (pool.Authorities is { } refused)
            _authorityFile.Invalidate(refused);
        return !ReferenceEquals(Authorities(), pool.Authorities);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _pool?.Invoker.Dispose();
        }
    }

    private X509Certificate2Collection? Authorities()
    {
        try
        {
            return _authorityFile is null ? _configuration.CertificateAuthorities : _authorityFile.Get();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new KubeConfigException($"The CA bundle {_configuration.CertificateAuthorityFile} cannot be read: {e.Message}", e);
        }
    }

    internal sealed record Pool(HttpMessageInvoker Invoker, X509Certificate2Collection? Authorities, X509Certificate2? Certificate);
}
