using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Operator;

/// <summary>JSON as the API has it, for the types of this assembly and of the client's.</summary>
public static class OperatorJson
{
    public static JsonSerializerOptions Options { get; } = KubernetesJson.CreateOptions(OperatorJsonContext.Default);

    public static T Clone<T>(T value)
        where T : class => Options.Clone(value);

    public static JsonObject ToObject<T>(T value) => (JsonObject)JsonSerializer.SerializeToNode(value, Options.TypeInfo<T>())!;
}
