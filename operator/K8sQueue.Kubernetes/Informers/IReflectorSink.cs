using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Informers;

/// <summary>Takes what a reflector hears. Calls of one reflector never overlap.</summary>
internal interface IReflectorSink<T>
    where T : class, IKubernetesObject
{
    /// <summary>This is all there is in the namespace (null: anywhere); what is not in it is gone.</summary>
    void Replace(string? @namespace, IReadOnlyList<T> items);

    void Apply(WatchEventType type, T value);

    /// <summary>Whether the server knows the kind at all.</summary>
    void SetServed(bool served);
}
