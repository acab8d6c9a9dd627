using System.Text.Json.Serialization.Metadata;
using K8sQueue.Kubernetes.Configuration;

namespace K8sQueue.Kubernetes.Client;

/// <summary>How the client is made.</summary>
public sealed class KubernetesClientOptions
{
    /// <summary>Where and as whom; null means <see cref="KubernetesClientConfiguration.Default"/>.</summary>
    public KubernetesClientConfiguration? Configuration { get; set; }

    /// <summary>JSON of types that are not of this assembly: the caller's own JsonSerializerContexts.</summary>
    public IList<IJsonTypeInfoResolver> JsonContexts { get; } = [];

    /// <summary>How long a call may take, retries included; watches have a time-out of their own. The default value is 30 seconds.</summary>
    public TimeSpan RequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a list may take, all of its pages together. The default value is 2 minutes.</summary>
    public TimeSpan ListTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Sent with every request; the part before the slash is the field manager of plain writes. The default value is <c>k8squeue</c>.</summary>
    public string UserAgent { get; set; } = "k8squeue";
}
