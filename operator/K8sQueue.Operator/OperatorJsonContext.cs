using System.Text.Json.Serialization;
using K8sQueue.Kubernetes.Serialization;
using K8sQueue.Operator.Discovery.RabbitMq;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Entities.Prometheus;

namespace K8sQueue.Operator;

/// <summary>JSON of this assembly's types.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(Rfc3339TimeConverter)])]
[JsonSerializable(typeof(V1Alpha1WorkerPool))]
[JsonSerializable(typeof(V1Alpha1ConnectionBudget))]
[JsonSerializable(typeof(V1Alpha1ScaledObject))]
[JsonSerializable(typeof(V1Alpha1TriggerAuthentication))]
[JsonSerializable(typeof(V2HorizontalPodAutoscaler))]
[JsonSerializable(typeof(V1PodMonitor))]
[JsonSerializable(typeof(V1PrometheusRule))]
[JsonSerializable(typeof(WorkerPoolSpec))]
[JsonSerializable(typeof(InFlightDocument))]
[JsonSerializable(typeof(RedisConnectionSpec))]
[JsonSerializable(typeof(PodTemplate))]
[JsonSerializable(typeof(Dictionary<string, int>))]
[JsonSerializable(typeof(SortedDictionary<string, int>))]
[JsonSerializable(typeof(List<RabbitMqLimits>))]
[JsonSerializable(typeof(List<RabbitMqNode>))]
[JsonSerializable(typeof(RabbitMqPage))]
public sealed partial class OperatorJsonContext : JsonSerializerContext;
