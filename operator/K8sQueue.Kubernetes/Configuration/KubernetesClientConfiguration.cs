using System.Security.Cryptography.X509Certificates;
using K8sQueue.Kubernetes.Authentication;

namespace K8sQueue.Kubernetes.Configuration;

/// <summary>Where the API server is, how it is recognised, and as whom it is called.</summary>
public sealed record KubernetesClientConfiguration
{
    /// <summary>The server, with a trailing slash; a path prefix is kept.</summary>
    public required Uri Server { get; init; }

    /// <summary>The namespace of the context, or of the pod. The default value is <c>default</c>.</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>Roots that the server's certificate must lead to; null means those of the system.</summary>
    public X509Certificate2Collection? CertificateAuthorities { get; init; }

    /// <summary>The file of these roots, where somebody may renew it: read again each minute and after a failed handshake; it goes before the above.</summary>
    public string? CertificateAuthorityFile { get; init; }

    /// <summary>No check of the server's certificate at all. Only ever by the explicit wish of a kubeconfig.</summary>
    public bool InsecureSkipTlsVerify { get; init; }

    /// <summary>The name that the server's certificate must carry, where it is not the host of <see cref="Server"/>.</summary>
    public string? TlsServerName { get; init; }

    /// <summary>http, https or socks5 proxy; null means what the environment says, and none for loopback.</summary>
    public Uri? ProxyUrl { get; init; }

    /// <summary>How requests are authenticated.</summary>
    public ICredentialSource Credentials { get; init; } = AnonymousCredentials.Instance;

    /// <summary>Whom to act as; null for oneself.</summary>
    public Impersonation? Impersonation { get; init; }

    /// <summary>
    /// The pod's own service account where there is one, else the kubeconfig (KUBECONFIG, or ~/.kube/config). KUBECONFIG, where it is set, comes first.
    /// </summary>
    /// <exception cref="KubeConfigException">There is neither, or it is wrong; the message says what.</exception>
    public static KubernetesClientConfiguration Default(TimeProvider? time = null)
    {
        var environment = Environment.GetEnvironmentVariable(KubeConfig.EnvironmentVariable);
        return string.IsNullOrEmpty(environment) && InClusterConfiguration.IsAvailable()
            ? InClusterConfiguration.Load(time)
            : KubeConfig.Load(time: time);
    }
}

/// <summary>Impersonation headers.</summary>
public sealed record Impersonation(string User)
{
    public string? Uid { get; init; }

    public IReadOnlyList<string> Groups { get; init; } = [];

    public IReadOnlyDictionary<string, IReadOnlyList<string>> Extra { get; init; } = new Dictionary<string, IReadOnlyList<string>>();
}

/// <summary>The configuration of the client is missing or wrong; the message says where and what.</summary>
public sealed class KubeConfigException : Exception
{
    public KubeConfigException()
    {
    }

    public KubeConfigException(string message)
        : base(message)
    {
    }

    public KubeConfigException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
