using System.Text.Json.Serialization;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Tests.Fakes;

[KubernetesEntity(Group = "test.io", ApiVersion = "v1", Kind = "Widget", PluralName = "widgets")]
public sealed class V1Widget : CustomKubernetesEntity<WidgetSpec, WidgetStatus>
{
    public const string Path = "/apis/test.io/v1/widgets";
    public const string ShopPath = "/apis/test.io/v1/namespaces/shop/widgets";
}

public sealed class WidgetSpec
{
    public int? Size { get; set; }
}

public sealed class WidgetStatus
{
    public int? Seen { get; set; }

    public List<V1Condition>? Conditions { get; set; }
}

[JsonSerializable(typeof(V1Widget))]
public sealed partial class TestJsonContext : JsonSerializerContext;
