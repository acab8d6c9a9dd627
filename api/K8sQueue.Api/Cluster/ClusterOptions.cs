using K8sQueue.Api.Hosting;
using K8sQueue.Kubernetes.Configuration;

namespace K8sQueue.Api.Cluster;

/// <summary>Whether, and where, the API looks at a cluster. docs/reference/api.md lists the settings.</summary>
internal sealed record ClusterOptions
{
    public const string ModeVariable = "K8SQUEUE_CLUSTER";
    public const string NamespacesVariable = "K8SQUEUE_CLUSTER_NAMESPACE";

    /// <summary>False where the setting is <c>off</c>. The default value is true: a cluster is looked at where there is one.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>The only namespaces that are looked at; empty for all.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>The files of KUBECONFIG; empty where it is not set. <c>~/.kube/config</c> does not count: nobody gave it to this program.</summary>
    public IReadOnlyList<string> KubeconfigFiles { get; init; } = [];

    /// <exception cref="ApiConfigurationException">A value can't be read.</exception>
    public static ClusterOptions From(IConfiguration configuration) => new()
    {
        IsEnabled = configuration[ModeVariable] switch
        {
            null or "" or "auto" => true,
            "off" => false,
            var other => throw new ApiConfigurationException($"{ModeVariable} must be auto or off, not '{other}'."),
        },
        Namespaces = Split(configuration[NamespacesVariable], ','),
        KubeconfigFiles = Split(configuration[KubeConfig.EnvironmentVariable], Path.PathSeparator),
    };

    private static string[] Split(string? list, char separator) =>
        [.. (list ?? "").Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
}
