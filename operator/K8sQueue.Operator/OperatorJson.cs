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

    public static byte[] ToBytes<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, Options.TypeInfo<T>());

    /// <summary>Whether both say the same, in whatever order.</summary>
    public static bool Same(byte[] left, byte[] right) =>
        left.AsSpan().SequenceEqual(right) || JsonNode.DeepEquals(JsonNode.Parse(left), JsonNode.Parse(right));

    public static JsonObject ToObject<T>(T value) => (JsonObject)JsonSerializer.SerializeToNode(value, Options.TypeInfo<T>())!;
}
