using System.Text.Json.Serialization;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator;

/// <summary>JSON of this assembly's types.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(V1Alpha1WorkerPool))]
[JsonSerializable(typeof(V1Alpha1ConnectionBudget))]
public sealed partial class OperatorJsonContext : JsonSerializerContext;
