using K8sQueue.Api.Cluster.Resources;
using K8sQueue.Api.Problems;
using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Configuration;

namespace K8sQueue.Api.Cluster;

/// <summary>
/// The client of the cluster, where there is one: that of KUBECONFIG, else of the pod that this runs in. It is made when it is asked for first, so that
/// the API starts without the cluster, and again where that failed.
/// </summary>
internal sealed class ClusterAccess(ClusterOptions options, TimeProvider time) : IDisposable
{
    /// <summary>How long the API server gets to answer a call. A page waits for it.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private KubernetesClient? _client;

    /// <summary>Whether there is a cluster to look at; whether it answers is another matter.</summary>
    public bool IsConfigured => options.IsEnabled && (options.KubeconfigFiles.Count > 0 || InClusterConfiguration.IsAvailable());

    /// <exception cref="ProblemException">There is no cluster, or its configuration is wrong.</exception>
    public IKubernetesClient Client
    {
        get
        {
            if (!IsConfigured)
                throw new ProblemException(new Problem(ProblemTypes.NoCluster, WhyNone()));
            lock (_lock)
            {
                return _client ??= new KubernetesClient(ClientOptions(), time);
            }
        }
    }

    public void Dispose() => _client?.Dispose();

    private KubernetesClientOptions ClientOptions()
    {
        try
        {
            return new KubernetesClientOptions
            {
                Configuration = options.KubeconfigFiles.Count > 0
                    ? KubeConfig.Load(options.KubeconfigFiles, time: time)
                    : InClusterConfiguration.Load(time),
                JsonContexts = { ClusterJsonContext.Default },
                RequestTimeout = Deadline,
                ListTimeout = Deadline,
                UserAgent = "k8squeue-api",
            };
        }
        catch (KubeConfigException e)
        {
            throw new ProblemException(new Problem(ProblemTypes.ClusterUnavailable, e.Message) { RetryAfterSeconds = ClusterProblems.RetryAfterSeconds });
        }
    }

    private string WhyNone() => options.IsEnabled
        ? $"The API has no cluster to look at: set {KubeConfig.EnvironmentVariable} to a kubeconfig, or run it in a pod with a ServiceAccount (api.cluster.enabled of the chart)."
        : $"The API does not look at the cluster: {ClusterOptions.ModeVariable} is off.";
}
