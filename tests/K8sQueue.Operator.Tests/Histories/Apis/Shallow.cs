using System.Reflection;
using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Operator.Tests.Histories.Apis;

/// <summary>Copies of one level. What the API hands out is never changed: a write puts a changed copy in its place.</summary>
internal static class Shallow
{
    private static readonly Func<object, object> Clone =
        typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();

    public static T Copy<T>(T value)
        where T : class => (T)Clone(value);

    /// <summary>With metadata of its own.</summary>
    public static T CopyObject<T>(T value)
        where T : class, IKubernetesObject
    {
        var copy = Copy(value);
        copy.Metadata = Copy(value.Metadata);
        return copy;
    }
}
