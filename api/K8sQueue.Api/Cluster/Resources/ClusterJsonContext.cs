using System.Text.Json.Serialization;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Api.Cluster.Resources;

/// <summary>JSON of what is read from the cluster, as Kubernetes writes it: apart from the API's own documents.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    GenerationMode = JsonSourceGenerationMode.Metadata,
    Converters = [typeof(Rfc3339TimeConverter)])]
[JsonSerializable(typeof(WorkerPoolResource))]
[JsonSerializable(typeof(ConnectionBudgetResource))]
[JsonSerializable(typeof(Dictionary<string, int>))]
internal sealed partial class ClusterJsonContext : JsonSerializerContext;
