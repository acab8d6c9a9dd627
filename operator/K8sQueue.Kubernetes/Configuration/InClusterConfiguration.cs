using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Kubernetes.Authentication;

namespace K8sQueue.Kubernetes.Configuration;

/// <summary>The configuration of a pod: its service account's token and CA, and the environment's address of the API server.</summary>
public static class InClusterConfiguration
{
    public const string DefaultDirectory = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Whether this process runs in a pod with a service account.</summary>
    public static bool IsAvailable(string directory = DefaultDirectory) =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST")) && File.Exists(Path.Combine(directory, "token"));

    /// <summary>Loads it from this process's environment.</summary>
    /// <exception cref="KubeConfigException">This is no pod, or its service account is not mounted.</exception>
    public static KubernetesClientConfiguration Load(TimeProvider? time = null)
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
            throw new KubeConfigException("This is no pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set.");
        return Load(host, port, DefaultDirectory, time ?? TimeProvider.System);
    }

    /// <summary>Loads it from what is given; IPv6 hosts get their brackets.</summary>
    public static KubernetesClientConfiguration Load(string host, string port, string directory, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(host);
        var (token, authorities) = (Path.Combine(directory, "token"), Path.Combine(directory, "ca.crt"));
        if (!File.Exists(token))
            throw new KubeConfigException($"The service account's token is not at {token}: is automountServiceAccountToken off?");
        var authority = host.Contains(':', StringComparison.Ordinal) && host[0] != '[' ? $"[{host}]" : host;
        return new KubernetesClientConfiguration
        {
            Server = new Uri(string.Create(CultureInfo.InvariantCulture, $"https://{authority}:{port}/")),
            Namespace = ReadNamespace(Path.Combine(directory, "namespace")),
            CertificateAuthorities = ReadAuthorities(authorities),
            CertificateAuthorityFile = authorities,
            Credentials = new FileTokenCredentials(token, time),
        };
    }

    private static string ReadNamespace(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "default";

    private static X509Certificate2Collection ReadAuthorities(string path)
    {
        try
        {
            return ClientCertificates.Authorities(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or CryptographicException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"The cluster's CA certificate {path} cannot be read: {e.Message}", e);
        }
    }
}
