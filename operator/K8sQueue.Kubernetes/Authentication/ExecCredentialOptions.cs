using K8sQueue.Kubernetes.Configuration;

namespace K8sQueue.Kubernetes.Authentication;

/// <summary>The <c>exec</c> section of a kubeconfig's user.</summary>
internal sealed record ExecCredentialOptions(string ApiVersion, string Command, IReadOnlyList<string> Arguments)
{
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    public string? InstallHint { get; init; }

    /// <summary>The cluster as the plugin is told of it, where it asked for that.</summary>
    public ExecClusterInfo? Cluster { get; init; }

    /// <summary>How long a plugin may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    public static ExecCredentialOptions Parse(KubeConfigNode exec, KubeConfigNode cluster, Uri server)
    {
        var apiVersion = exec.Text("apiVersion");
        if (apiVersion is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
            throw new KubeConfigException($"exec in {exec.File} has apiVersion '{apiVersion}': client.authentication.k8s.io/v1 is known here.");
        if (exec.Text("interactiveMode") == "Always")
            throw new KubeConfigException($"The exec plugin in {exec.File} needs a terminal (interactiveMode Always), and there is none here.");
        var command = exec.Text("command") ?? throw new KubeConfigException($"exec in {exec.File} has no command.");

        // A bare name is looked up in PATH; anything with a separator is relative to the file.
        if (command.Contains('/', StringComparison.Ordinal) || command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
            command = exec.Path("command")!;
        return new ExecCredentialOptions(apiVersion, command, exec.Texts("args"))
        {
            Environment = exec.List("env").ToDictionary(e => e.Text("name") ?? "", e => e.Text("value") ?? "", StringComparer.Ordinal),
            InstallHint = exec.Text("installHint"),
            Cluster = exec.Flag("provideClusterInfo") ? ExecClusterInfo.Of(cluster, server) : null,
        };
    }
}

/// <summary><c>spec.cluster</c> of the ExecCredential that a plugin is given.</summary>
internal sealed record ExecClusterInfo(string Server)
{
    public string? TlsServerName { get; init; }

    public bool? InsecureSkipTlsVerify { get; init; }

    public string? CertificateAuthorityData { get; init; }

    public string? ProxyUrl { get; init; }

    public static ExecClusterInfo Of(KubeConfigNode cluster, Uri server) => new(cluster.Text("server") ?? server.ToString())
    {
        TlsServerName = cluster.Text("tls-server-name"),
        InsecureSkipTlsVerify = cluster.Flag("insecure-skip-tls-verify") ? true : null,
        ProxyUrl = cluster.Text("proxy-url"),
        CertificateAuthorityData = cluster.Text("certificate-authority-data")
            ?? (cluster.Path("certificate-authority") is { } path && File.Exists(path) ? Convert.ToBase64String(File.ReadAllBytes(path)) : null),
    };
}
