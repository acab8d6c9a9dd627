using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Informers;

/// <summary>What <see cref="InformerOptions{T}.Transform"/> is made of.</summary>
public static class ObjectTransforms
{
    /// <summary>The whole object once more, as kubectl writes it: often the biggest thing in it.</summary>
    public const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    /// <summary>Drops kubectl's copy of the object. (managedFields are never read in the first place.)</summary>
    public static T DropLastApplied<T>(T value)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Metadata.Annotations is { } annotations && annotations.Remove(LastApplied) && annotations.Count == 0)
            value.Metadata.Annotations = null;
        return value;
    }

    /// <summary>Keeps only the annotations that somebody reads.</summary>
    public static T KeepAnnotations<T>(T value, params ReadOnlySpan<string> names)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(value);
        Dictionary<string, string>? kept = null;
        foreach (var name in names)
        {
            if (value.Annotation(name) is { } text)
                (kept ??= [])[name] = text;
        }

        value.Metadata.Annotations = kept;
        return value;
    }
}
