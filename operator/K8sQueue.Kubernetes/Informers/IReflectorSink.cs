using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Informers;

/// <summary>Takes what a reflector hears. Calls of one reflector never overlap.</summary>
internal interface IReflectorSink<T>
    where T : class, IKubernetesObject
{
    /// <summary>This is all there is in the namespace (null: anywhere); what is not in it is gone.</summary>
    void Replace(string? @namespace, IReadOnlyList<T> items);

    void Apply(WatchEventType type, T value);

    /// <summary>Whether the kind can be had in the namespace (null: anywhere) at all.</summary>
    /// <param name="refusal">The server's, where it knows the kind and does not let it be listed.</param>
    void SetServed(string? @namespace, bool served, string? refusal = null);

    /// <summary>A kind that has to be there may not be listed in the namespace. It is asked for again.</summary>
    void Refuse(string @namespace);
}
