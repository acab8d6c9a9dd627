using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using K8sQueue.Kubernetes.Authentication;

namespace K8sQueue.Kubernetes.Configuration;

/// <summary>Turns one context of a merged kubeconfig into the configuration of a client.</summary>
internal static class KubeConfigBuilder
{
    public static KubernetesClientConfiguration Build(MergedKubeConfig config, string? contextName, TimeProvider time)
    {
        contextName ??= config.CurrentContext
            ?? throw new KubeConfigException("The kubeconfig has no current-context: `kubectl config use-context` sets it.");
        var context = Named(config.Contexts, contextName, "context");
        var clusterName = context.Text("cluster") ?? throw new KubeConfigException($"The context '{contextName}' names no cluster.");
        var cluster = Named(config.Clusters, clusterName, "cluster");
        var user = context.Text("user") is { } userName ? Named(config.Users, userName, "user") : null;
        var server = ParseServer(cluster, clusterName);
        var insecure = cluster.Flag("insecure-skip-tls-verify");
        var authorities = Authorities(cluster);
        if (insecure && authorities is not null)
            throw new KubeConfigException($"The cluster '{clusterName}' has a certificate-authority and insecure-skip-tls-verify: remove one.");
        return new KubernetesClientConfiguration
        {
            Server = server,
            Namespace = context.Text("namespace") ?? "default",
            CertificateAuthorities = authorities,
            CertificateAuthorityFile = cluster.Text("certificate-authority-data") is null ? cluster.Path("certificate-authority") : null,
            InsecureSkipTlsVerify = insecure,
            TlsServerName = cluster.Text("tls-server-name"),
            ProxyUrl = cluster.Text("proxy-url") is { } proxy ? ParseUri(proxy, "proxy-url", clusterName) : null,
            Credentials = user is null ? AnonymousCredentials.Instance : Credentials(user, cluster, server, time),
            Impersonation = user is null ? null : Impersonate(user),
        };
    }

    private static KubeConfigNode Named(IReadOnlyDictionary<string, KubeConfigNode> nodes, string name, string kind) =>
        nodes.GetValueOrDefault(name) ?? throw new KubeConfigException(
            $"The kubeconfig has no {kind} '{name}'; it has: {(nodes.Count == 0 ? "none" : string.Join(", ", nodes.Keys.Order(StringComparer.Ordinal)))}.");

    private static Uri ParseServer(KubeConfigNode cluster, string name)
    {
        var text = cluster.Text("server") ?? throw new KubeConfigException($"The cluster '{name}' has no server.");
        var uri = ParseUri(text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}", "server", name);
        return uri.AbsoluteUri.EndsWith('/') ? uri : new Uri(uri.AbsoluteUri + "/");
    }

    private static Uri ParseUri(string text, string key, string cluster) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? uri
            : throw new KubeConfigException($"{key} of the cluster '{cluster}' is no URL: {text}");

    private static ICredentialSource Credentials(KubeConfigNode user, KubeConfigNode cluster, Uri server, TimeProvider time)
    {
        var certificate = ClientCertificate(user);
        if (Token(user, time) is { } token)
            return certificate is null ? token : WithCertificate(user, certificate, token, time);
        if (user.Child("exec") is { } exec)
            return new ExecCredentials(ExecCredentialOptions.Parse(exec, cluster, server), time);
        if (user.Child("auth-provider") is not null)
            throw new KubeConfigException("auth-provider left Kubernetes in 1.26: use an exec plugin (`kubelogin`, `gke-gcloud-auth-plugin`).");
        return certificate is null ? AnonymousCredentials.Instance : WithCertificate(user, certificate, AnonymousCredentials.Instance, time);
    }

    // client-go's precedence: a token file over a token (it may be renewed), and exec only where neither is there.
    private static ICredentialSource? Token(KubeConfigNode user, TimeProvider time) =>
        user.Path("tokenFile") is { } file ? new FileTokenCredentials(file, time)
        : user.Text("token") is { } token ? new StaticCredentials(new Credential(token, null))
        : null;

    // Files may be renewed; what stands in the kubeconfig itself stays.
    private static FileCertificateCredentials WithCertificate(KubeConfigNode user, Credential certificate, ICredentialSource token, TimeProvider time) =>
        user.Text("client-certificate-data") is null && user.Text("client-key-data") is null
            ? FileCertificateCredentials.Create(user.Path("client-certificate")!, user.Path("client-key")!, token, time)
            : new FileCertificateCredentials(new FileValue<Credential>([], _ => certificate, time), token);

    private static Impersonation? Impersonate(KubeConfigNode user)
    {
        if (user.Text("as") is not { } name)
            return null;
        var extra = user.Child("as-user-extra");
        return new Impersonation(name)
        {
            Uid = user.Text("as-uid"),
            Groups = user.Texts("as-groups"),
            Extra = extra?.Keys.ToDictionary(k => k, extra.Texts) ?? [],
        };
    }

    private static X509Certificate2Collection? Authorities(KubeConfigNode cluster)
    {
        if (Pem(cluster, "certificate-authority") is not { } pem)
            return null;
        try
        {
            return ClientCertificates.Authorities(pem);
        }
        catch (CryptographicException e)
        {
            throw new KubeConfigException($"certificate-authority in {cluster.File} is no PEM certificate: {e.Message}", e);
        }
    }

    private static Credential? ClientCertificate(KubeConfigNode user)
    {
        var certificate = Pem(user, "client-certificate");
        var key = Pem(user, "client-key");
        if (certificate is null && key is null)
            return null;
        if (certificate is null || key is null)
            throw new KubeConfigException($"{user.File} has only one of client-certificate and client-key.");
        try
        {
            return ClientCertificates.ToCredential(null, certificate, key);
        }
        catch (CryptographicException e)
        {
            throw new KubeConfigException($"The client certificate in {user.File} is wrong: {e.Message}", e);
        }
    }

    // "-data" wins over the path, as in client-go.
    private static string? Pem(KubeConfigNode node, string key)
    {
        try
        {
            if (node.Text($"{key}-data") is { } data)
                return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(data));
            return node.Path(key) is { } path ? File.ReadAllText(path) : null;
        }
        catch (FormatException e)
        {
            throw new KubeConfigException($"{key}-data in {node.File} is no base64.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeConfigException($"{key} of {node.File} cannot be read: {e.Message}", e);
        }
    }
}
