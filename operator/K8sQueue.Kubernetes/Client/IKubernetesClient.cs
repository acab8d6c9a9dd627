using K8sQueue.Kubernetes.Models;

namespace K8sQueue.Kubernetes.Client;

/// <summary>
/// The Kubernetes API, typed. Group, version and plural of <c>T</c> come from its <see cref="KubernetesEntityAttribute"/>;
/// its JSON from the <see cref="System.Text.Json.Serialization.JsonSerializerContext"/>s given at construction.
/// Every call has a deadline of its own; failures are <see cref="KubernetesApiException"/> with the server's Status in it.
/// </summary>
public interface IKubernetesClient
{
    /// <summary>Reads one object, live (never from a cache); null where there is none.</summary>
    Task<T?> GetAsync<T>(string name, string? @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>Lists objects; pages are followed to the end. A null namespace means all of them.</summary>
    Task<KubernetesList<T>> ListAsync<T>(string? @namespace, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>
    /// Lists objects, each of them cut down by <paramref name="transform"/> as soon as it is read: memory is that of what is kept.
    /// </summary>
    async Task<KubernetesList<T>> ListAsync<T>(
        string? @namespace, ListOptions? options, Func<T, T> transform, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var list = await ListAsync<T>(@namespace, options, cancellationToken).ConfigureAwait(false);
        return list with { Items = [.. list.Items.Select(transform)] };
    }

    /// <summary>One watch request, from <see cref="WatchOptions.ResourceVersion"/> until the server ends it.</summary>
    /// <exception cref="KubernetesApiException">Among others 410, where the version is too old: list again.</exception>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(string? @namespace, WatchOptions options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>POST, with strict field validation.</summary>
    Task<T> CreateAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>PUT, with the object's resourceVersion as the precondition.</summary>
    Task<T> ReplaceAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>PUT to <c>/status</c>, with the object's resourceVersion as the precondition.</summary>
    Task<T> ReplaceStatusAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>
    /// Server-side apply (forced, strict). Give metadata.uid to apply to that very object only: another one of the same name is
    /// a conflict, never adopted.
    /// </summary>
    Task<T> ApplyAsync<T>(T value, string fieldManager, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>JSON patch or merge patch, of the object or of a subresource (<c>status</c>, <c>scale</c>).</summary>
    Task<T> PatchAsync<T>(string name, string? @namespace, KubernetesPatch patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>Deletes; an object that is not there any more is fine. Returns false then.</summary>
    Task<bool> DeleteAsync<T>(string name, string? @namespace, DeleteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>Reads <c>/scale</c>.</summary>
    Task<V1Scale> GetScaleAsync<T>(string name, string @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>Writes <c>spec.replicas</c> through <c>/scale</c>.</summary>
    Task<V1Scale> ReplaceScaleAsync<T>(V1Scale scale, CancellationToken cancellationToken)
        where T : class, IKubernetesObject;

    /// <summary>Whether the server knows the resource of <c>T</c> (its CRD is installed and served).</summary>
    Task<bool> IsServedAsync<T>(CancellationToken cancellationToken)
        where T : class, IKubernetesObject;
}

/// <summary>What a list asks for.</summary>
public sealed record ListOptions
{
    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    /// <summary>"" is a live, consistent read and the default; "0" allows any cached state.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary>Objects a page. The default value is 500.</summary>
    public int Limit { get; init; } = 500;
}

/// <summary>What a watch asks for.</summary>
public sealed record WatchOptions
{
    public string? LabelSelector { get; init; }

    public string? FieldSelector { get; init; }

    public required string ResourceVersion { get; init; }

    /// <summary>When the server ends the watch by itself.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(5);
}

/// <summary>What a delete asks for.</summary>
public sealed record DeleteOptions
{
    /// <summary>Deletes this very object only; 409 otherwise.</summary>
    public string? Uid { get; init; }

    /// <summary>Deletes only what was not changed since; 409 otherwise.</summary>
    public string? ResourceVersion { get; init; }

    public int? GracePeriodSeconds { get; init; }

    /// <summary>Background (the default), Foreground or Orphan.</summary>
    public string? PropagationPolicy { get; init; }
}

/// <summary>A patch and its content type.</summary>
/// <param name="Content">The patch, JSON.</param>
/// <param name="ContentType"><see cref="JsonPatch"/> or <see cref="MergePatch"/>.</param>
public sealed record KubernetesPatch(System.Text.Json.Nodes.JsonNode Content, string ContentType)
{
    public const string JsonPatch = "application/json-patch+json";
    public const string MergePatch = "application/merge-patch+json";
}
