using System.Reflection;

namespace K8sQueue.Kubernetes.Models;

/// <summary>Group, version, kind and paths of <typeparamref name="T"/>, from its <see cref="KubernetesEntityAttribute"/>.</summary>
public static class ResourceType<T>
    where T : class, IKubernetesObject
{
    private static readonly KubernetesEntityAttribute Entity =
        typeof(T).GetCustomAttribute<KubernetesEntityAttribute>()
        ?? throw new InvalidOperationException($"{typeof(T)} has no [KubernetesEntity].");

    public static string Group => Entity.Group;

    public static string Kind => Entity.Kind;

    public static string Plural => Entity.PluralName;

    public static bool IsClusterScoped => Entity.ClusterScoped;

    /// <summary><c>group/version</c>, or only the version for the core group.</summary>
    public static string ApiVersion { get; } = Entity.Group.Length == 0 ? Entity.ApiVersion : $"{Entity.Group}/{Entity.ApiVersion}";

    /// <summary>Where discovery describes the group and version.</summary>
    internal static string DiscoveryPath { get; } = Entity.Group.Length == 0 ? $"api/{Entity.ApiVersion}" : $"apis/{ApiVersion}";

    /// <summary>The path of all objects, or of those of one namespace.</summary>
    internal static string CollectionPath(string? @namespace) =>
        IsClusterScoped || string.IsNullOrEmpty(@namespace)
            ? $"{DiscoveryPath}/{Plural}"
            : $"{DiscoveryPath}/namespaces/{Uri.EscapeDataString(@namespace)}/{Plural}";

    /// <summary>The path of one object, or of a subresource of it.</summary>
    internal static string ItemPath(string? @namespace, string name, string? subresource = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var path = $"{WritePath(@namespace)}/{Uri.EscapeDataString(name)}";
        return subresource is null ? path : $"{path}/{subresource}";
    }

    /// <summary>The path that objects are made at: a namespaced kind needs its namespace.</summary>
    internal static string WritePath(string? @namespace) =>
        IsClusterScoped || !string.IsNullOrEmpty(@namespace)
            ? CollectionPath(@namespace)
            : throw new ArgumentException($"A {Kind} is namespaced, and no namespace was given.", nameof(@namespace));
}
