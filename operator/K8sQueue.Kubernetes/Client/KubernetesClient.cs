using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;
using K8sQueue.Kubernetes.Telemetry;

namespace K8sQueue.Kubernetes.Client;

/// <inheritdoc cref="IKubernetesClient"/>
public sealed class KubernetesClient : IKubernetesClient, IDisposable
{
    private const string ApplyPatch = "application/apply-patch+yaml";

    // A watch that neither ends nor says anything this long after its own time-out is dead: .NET stops its pings after a GOAWAY
    // (dotnet/runtime #120179), so nothing else would notice.
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(30);

    private readonly KubernetesCaller _caller;
    private readonly ListPager _lists;
    private readonly TimeProvider _time;
    private readonly JsonSerializerOptions _json;

    /// <param name="options">How it is made.</param>
    /// <param name="time">The clock; null for the system's.</param>
    /// <param name="metrics">Where requests are counted; null for nowhere.</param>
    public KubernetesClient(KubernetesClientOptions options, TimeProvider? time = null, RestClientMetrics? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _time = time ?? TimeProvider.System;
        _json = KubernetesJson.CreateOptions(options.JsonContexts);
        var configuration = options.Configuration ?? KubernetesClientConfiguration.Default(_time);
        var transport = new KubernetesTransport(configuration, options.UserAgent, _time, metrics);
        _caller = new KubernetesCaller(transport, _json, options.RequestTimeout, _time);
        _lists = new ListPager(_caller, options.ListTimeout);
    }

    /// <summary>How objects are written; has the caller's contexts in it.</summary>
    public JsonSerializerOptions JsonOptions => _json;

    public async Task<T?> GetAsync<T>(string name, string? @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            var request = new KubernetesRequest(HttpMethod.Get, ResourceType<T>.ItemPath(@namespace, name));
            return await _caller.SendAsync<T>(request, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public Task<KubernetesList<T>> ListAsync<T>(string? @namespace, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject =>
        _lists.ListAsync<T>(@namespace, options ?? new ListOptions(), null, cancellationToken);

    public Task<KubernetesList<T>> ListAsync<T>(
        string? @namespace, ListOptions? options, Func<T, T> transform, CancellationToken cancellationToken)
        where T : class, IKubernetesObject =>
        _lists.ListAsync(@namespace, options ?? new ListOptions(), transform, cancellationToken);

    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        string? @namespace, WatchOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(options);
        var path = ResourceType<T>.CollectionPath(@namespace);
        var request = new KubernetesRequest(HttpMethod.Get, KubernetesRequest.WithQuery(
            path,
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", options.ResourceVersion),
            ("timeoutSeconds", ((int)options.Timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
            ("labelSelector", options.LabelSelector),
            ("fieldSelector", options.FieldSelector)));
        using var watchdog = new Deadline(options.Timeout + WatchGrace, _time, cancellationToken);
        using var response = await _caller.StartWatchAsync(request, watchdog, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(watchdog.Token).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var events = WatchReader.ReadAsync(body, path, _json.TypeInfo<T>(), watchdog.Token).GetAsyncEnumerator(watchdog.Token);
            await using (events.ConfigureAwait(false))
            {
                while (await KubernetesCaller.GuardAsync(request, watchdog, () => events.MoveNextAsync().AsTask()).ConfigureAwait(false))
                    yield return events.Current;
            }
        }
    }

    public Task<T> CreateAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(value);
        return WriteAsync(HttpMethod.Post, $"{ResourceType<T>.WritePath(value.Metadata.Namespace)}?fieldValidation=Strict", value, cancellationToken);
    }

    public Task<T> ReplaceAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(value);
        return WriteAsync(HttpMethod.Put, $"{Item(value)}?fieldValidation=Strict", value, cancellationToken);
    }

    public Task<T> ReplaceStatusAsync<T>(T value, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(value);
        return WriteAsync(HttpMethod.Put, Item(value, "status"), value, cancellationToken);
    }

    public async Task<T> ApplyAsync<T>(T value, string fieldManager, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentException.ThrowIfNullOrEmpty(fieldManager);
        var path = KubernetesRequest.WithQuery(
            Item(value), ("fieldManager", fieldManager), ("force", "true"), ("fieldValidation", "Strict"));
        try
        {
            return await WriteAsync(HttpMethod.Patch, path, value, cancellationToken, ApplyPatch).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (ApplyErrors.Translate(e, value.Metadata.Uid) is var translated && translated != e)
        {
            throw translated;
        }
    }

    public Task<T> PatchAsync<T>(
        string name, string? @namespace, KubernetesPatch patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(patch);
        var body = JsonSerializer.SerializeToUtf8Bytes(patch.Content, _json.TypeInfo<JsonNode>());
        var request = new KubernetesRequest(
            HttpMethod.Patch, ResourceType<T>.ItemPath(@namespace, name, subresource), body, patch.ContentType);
        return _caller.SendAsync<T>(request, cancellationToken);
    }

    public async Task<bool> DeleteAsync<T>(string name, string? @namespace, DeleteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(DeleteBody.Of(options ?? new DeleteOptions()), _json.TypeInfo<JsonNode>());
        var request = new KubernetesRequest(HttpMethod.Delete, ResourceType<T>.ItemPath(@namespace, name), body);
        try
        {
            await _caller.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    public Task<V1Scale> GetScaleAsync<T>(string name, string @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject =>
        _caller.SendAsync<V1Scale>(new KubernetesRequest(HttpMethod.Get, ResourceType<T>.ItemPath(@namespace, name, "scale")), cancellationToken);

    public Task<V1Scale> ReplaceScaleAsync<T>(V1Scale scale, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(scale);
        var path = ResourceType<T>.ItemPath(scale.Metadata.Namespace, scale.Metadata.Name ?? "", "scale");
        return WriteAsync(HttpMethod.Put, path, scale, cancellationToken);
    }

    public async Task<bool> IsServedAsync<T>(CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            var body = await _caller.SendAsync(new KubernetesRequest(HttpMethod.Get, ResourceType<T>.DiscoveryPath), cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(body, _json.TypeInfo<JsonObject>())?["resources"] is JsonArray resources
                && resources.Any(static r => (string?)r?["name"] == ResourceType<T>.Plural);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    public void Dispose() => _caller.Dispose();

    private static string Item<T>(T value, string? subresource = null)
        where T : class, IKubernetesObject =>
        ResourceType<T>.ItemPath(value.Metadata.Namespace, value.Metadata.Name ?? "", subresource);

    private Task<T> WriteAsync<T>(
        HttpMethod method, string path, T value, CancellationToken cancellationToken, string contentType = "application/json")
        where T : class, IKubernetesObject
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value.WithType(), _json.TypeInfo<T>());
        return _caller.SendAsync<T>(new KubernetesRequest(method, path, body, contentType), cancellationToken);
    }
}
