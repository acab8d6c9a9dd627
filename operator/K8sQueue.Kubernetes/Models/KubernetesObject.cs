using System.Text.Json.Serialization;

namespace K8sQueue.Kubernetes.Models;

/// <summary>What every object of the API has.</summary>
public interface IKubernetesObject
{
    string? ApiVersion { get; set; }

    string? Kind { get; set; }

    V1ObjectMeta Metadata { get; set; }
}

/// <summary>Where objects of a type live in the API.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class KubernetesEntityAttribute : Attribute
{
    /// <summary>The API group; "" for core.</summary>
    public string Group { get; set; } = "";

    public string ApiVersion { get; set; } = "v1";

    public required string Kind { get; set; }

    public required string PluralName { get; set; }

    public bool ClusterScoped { get; set; }
}

/// <summary>Base of typed objects.</summary>
public abstract class KubernetesObject : IKubernetesObject
{
    [JsonPropertyOrder(-4)]
    public string? ApiVersion { get; set; }

    [JsonPropertyOrder(-3)]
    public string? Kind { get; set; }

    [JsonPropertyOrder(-2)]
    public V1ObjectMeta Metadata { get; set; } = new();
}

/// <summary>Base of a custom resource with a spec and a status.</summary>
public abstract class CustomKubernetesEntity<TSpec, TStatus> : KubernetesObject
    where TSpec : class, new()
    where TStatus : class, new()
{
    [JsonPropertyOrder(-1)]
    public TSpec Spec { get; set; } = new();

    public TStatus? Status { get; set; }
}

/// <summary>Metadata of an object.</summary>
public sealed class V1ObjectMeta
{
    public string? Name { get; set; }

    public string? GenerateName { get; set; }

    public string? Namespace { get; set; }

    public string? Uid { get; set; }

    public string? ResourceVersion { get; set; }

    public long? Generation { get; set; }

    public DateTimeOffset? CreationTimestamp { get; set; }

    public DateTimeOffset? DeletionTimestamp { get; set; }

    public long? DeletionGracePeriodSeconds { get; set; }

    public Dictionary<string, string>? Labels { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }

    public List<V1OwnerReference>? OwnerReferences { get; set; }

    public List<string>? Finalizers { get; set; }
}

public sealed class V1OwnerReference
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public string Name { get; set; } = "";

    public string Uid { get; set; } = "";

    public bool? Controller { get; set; }

    public bool? BlockOwnerDeletion { get; set; }
}

/// <summary>A list and the version at which it was read.</summary>
public sealed record KubernetesList<T>(IReadOnlyList<T> Items, string ResourceVersion);

/// <summary>What happened to an object. A bookmark carries only a resourceVersion.</summary>
public enum WatchEventType
{
    Added,
    Modified,
    Deleted,
    Bookmark,
}

public sealed record WatchEvent<T>(WatchEventType Type, T Object);
