using System.Text.Json;
using K8sQueue.Kubernetes.Serialization;
using Microsoft.Extensions.Options;

namespace K8sQueue.Kubernetes.Client;

/// <summary>How objects are written and copied: this assembly's JSON and the contexts given to the client.</summary>
public sealed class KubernetesClientJson(IOptions<KubernetesClientOptions> options)
{
    public JsonSerializerOptions Options { get; } = KubernetesJson.CreateOptions(options.Value.JsonContexts);

    /// <summary>A copy that shares nothing with the original.</summary>
    public T Clone<T>(T value)
        where T : class => Options.Clone(value);
}
