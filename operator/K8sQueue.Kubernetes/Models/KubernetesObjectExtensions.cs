namespace K8sQueue.Kubernetes.Models;

/// <summary>What is read from metadata over and over.</summary>
public static class KubernetesObjectExtensions
{
    /// <summary>Namespace and name.</summary>
    public static NamespacedName Key(this IKubernetesObject value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return new NamespacedName(value.Metadata.Namespace ?? "", value.Metadata.Name ?? "");
    }

    /// <summary>Whether its deletion was asked for.</summary>
    public static bool IsDeleting(this IKubernetesObject value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Metadata.DeletionTimestamp is not null;
    }

    /// <summary>A label's value; null where it is not there.</summary>
    public static string? Label(this IKubernetesObject value, string name)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Metadata.Labels?.GetValueOrDefault(name);
    }

    /// <summary>An annotation's value; null where it is not there.</summary>
    public static string? Annotation(this IKubernetesObject value, string name)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Metadata.Annotations?.GetValueOrDefault(name);
    }

    /// <summary>The owner reference with <c>controller: true</c>; null where there is none.</summary>
    public static V1OwnerReference? ControllerReference(this IKubernetesObject value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value.Metadata.OwnerReferences?.Find(static o => o.Controller == true);
    }

    /// <summary>Whether the other object is the controller of this one, by UID.</summary>
    public static bool IsControlledBy(this IKubernetesObject value, IKubernetesObject owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        return value.ControllerReference() is { } reference && reference.Uid == owner.Metadata.Uid;
    }

    /// <summary>A reference to this object as the controller of what it is put on; deletion of the owner waits for it in the foreground.</summary>
    public static V1OwnerReference ToControllerReference<T>(this T owner)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(owner);
        return new V1OwnerReference
        {
            ApiVersion = ResourceType<T>.ApiVersion,
            Kind = ResourceType<T>.Kind,
            Name = owner.Metadata.Name ?? "",
            Uid = owner.Metadata.Uid ?? "",
            Controller = true,
            BlockOwnerDeletion = true,
        };
    }

    /// <summary>Sets apiVersion and kind where they are missing, as they are on the items of a list.</summary>
    internal static T WithType<T>(this T value)
        where T : class, IKubernetesObject
    {
        value.ApiVersion ??= ResourceType<T>.ApiVersion;
        value.Kind ??= ResourceType<T>.Kind;
        return value;
    }
}
