using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Serialization;

/// <summary>The JSON of the types of this assembly.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(Rfc3339TimeConverter)])]
[JsonSerializable(typeof(JsonObject))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(V1Deployment))]
[JsonSerializable(typeof(V1Event))]
[JsonSerializable(typeof(V1Lease))]
[JsonSerializable(typeof(V1Namespace))]
[JsonSerializable(typeof(V1Node))]
[JsonSerializable(typeof(V1Pod))]
[JsonSerializable(typeof(V1PodDisruptionBudget))]
[JsonSerializable(typeof(V1ReplicaSet))]
[JsonSerializable(typeof(V1Scale))]
[JsonSerializable(typeof(V1Secret))]
[JsonSerializable(typeof(V1Status))]
public sealed partial class KubernetesJsonContext : JsonSerializerContext;
