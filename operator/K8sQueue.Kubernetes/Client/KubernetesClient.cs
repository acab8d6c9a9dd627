using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Configuration;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Kubernetes.Client;

/// <inheritdoc cref="IKubernetesClient"/>
public sealed class KubernetesClient : IKubernetesClient, IDisposable
{
    private const string ApplyPatch = "application/apply-patch+yaml";

    // A watch that neither ends nor says anything this long after its own time-out is dead: .NET stops its pings after a GOAWAY
    // (dotnet/runtime #120179), so nothing else would notice.
    private static readonly TimeSpan WatchGrace = TimeSpan.FromSeconds(30);

    private readonly KubernetesTransport _transport;
    private readonly KubernetesClientOptions _options;
    private readonly TimeProvider _time;
    private readonly JsonSerializerOptions _json;

    public KubernetesClient(KubernetesClientOptions options, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _time = time ?? TimeProvider.System;
        _json = KubernetesJson.CreateOptions(options.JsonContexts);
        _transport = new KubernetesTransport(
            options.Configuration ?? KubernetesClientConfiguration.Default(_time), options.UserAgent, _time);
    }

    /// <summary>How objects are written; has the caller's contexts in it.</summary>
    public JsonSerializerOptions JsonOptions => _json;

    public async Task<T?> GetAsync<T>(string name, string? @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        try
        {
            var request = new KubernetesRequest(HttpMethod.Get, ResourceType<T>.ItemPath(@namespace, name));
            return await SendAsync<T>(request, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return null;
        }
    }

    public async Task<KubernetesList<T>> ListAsync<T>(string? @namespace, ListOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        options ??= new ListOptions();
        using var deadline = new Deadline(_options.ListTimeout, _time, cancellationToken);
        while (true)
        {
            try
            {
                return await ListPagesAsync<T>(@namespace, options, deadline).ConfigureAwait(false);
            }
            catch (ContinueExpiredException)
            {
                // The pages no longer belong together: the whole list at once, from now.
                options = options with { Limit = 0, ResourceVersion = "" };
            }
        }
    }

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
        using var response = await StartWatchAsync(request, watchdog, cancellationToken).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(watchdog.Token).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            var events = WatchReader.ReadAsync(body, path, _json.TypeInfo<T>(), watchdog.Token).GetAsyncEnumerator(watchdog.Token);
            await using (events.ConfigureAwait(false))
            {
                while (await GuardAsync(request, watchdog, () => events.MoveNextAsync().AsTask()).ConfigureAwait(false))
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

    public Task<T> ApplyAsync<T>(T value, string fieldManager, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentException.ThrowIfNullOrEmpty(fieldManager);
        var path = KubernetesRequest.WithQuery(
            Item(value), ("fieldManager", fieldManager), ("force", "true"), ("fieldValidation", "Strict"));
        return WriteAsync(HttpMethod.Patch, path, value, cancellationToken, ApplyPatch);
    }

    public Task<T> PatchAsync<T>(
        string name, string? @namespace, KubernetesPatch patch, string? subresource, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        ArgumentNullException.ThrowIfNull(patch);
        var body = JsonSerializer.SerializeToUtf8Bytes(patch.Content, _json.TypeInfo<JsonNode>());
        var request = new KubernetesRequest(
            HttpMethod.Patch, ResourceType<T>.ItemPath(@namespace, name, subresource), body, patch.ContentType);
        return SendAsync<T>(request, cancellationToken);
    }

    public async Task<bool> DeleteAsync<T>(string name, string? @namespace, DeleteOptions? options, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(DeleteBody.Of(options ?? new DeleteOptions()), _json.TypeInfo<JsonNode>());
        var request = new KubernetesRequest(HttpMethod.Delete, ResourceType<T>.ItemPath(@namespace, name), body);
        try
        {
            await SendAsync(request, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    public Task<V1Scale> GetScaleAsync<T>(string name, string @namespace, CancellationToken cancellationToken)
        where T : class, IKubernetesObject =>
        SendAsync<V1Scale>(new KubernetesRequest(HttpMethod.Get, ResourceType<T>.ItemPath(@namespace, name, "scale")), cancellationToken);

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
            var body = await SendAsync(new KubernetesRequest(HttpMethod.Get, ResourceType<T>.DiscoveryPath), cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize(body, _json.TypeInfo<JsonObject>())?["resources"] is JsonArray resources
                && resources.Any(static r => (string?)r?["name"] == ResourceType<T>.Plural);
        }
        catch (KubernetesApiException e) when (e.IsNotFound)
        {
            return false;
        }
    }

    public void Dispose() => _transport.Dispose();

    private static string Item<T>(T value, string? subresource = null)
        where T : class, IKubernetesObject =>
        ResourceType<T>.ItemPath(value.Metadata.Namespace, value.Metadata.Name ?? "", subresource);

    private Task<T> WriteAsync<T>(
        HttpMethod method, string path, T value, CancellationToken cancellationToken, string contentType = "application/json")
        where T : class, IKubernetesObject
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value.WithType(), _json.TypeInfo<T>());
        return SendAsync<T>(new KubernetesRequest(method, path, body, contentType), cancellationToken);
    }

    private async Task<KubernetesList<T>> ListPagesAsync<T>(string? @namespace, ListOptions options, Deadline deadline)
        where T : class, IKubernetesObject
    {
        var items = new List<T>();
        string? token = null;
        while (true)
        {
            var request = new KubernetesRequest(HttpMethod.Get, KubernetesRequest.WithQuery(
                ResourceType<T>.CollectionPath(@namespace),
                ("limit", options.Limit > 0 ? options.Limit.ToString(CultureInfo.InvariantCulture) : null),
                ("continue", token),
                ("resourceVersion", token is null ? options.ResourceVersion : null),
                ("labelSelector", options.LabelSelector),
                ("fieldSelector", options.FieldSelector)));
            try
            {
                var body = await SendAsync(request, deadline).ConfigureAwait(false);
                (var version, token) = Parse(request, () => ListReader.Read(body, _json.TypeInfo<T>(), items));
                if (token is null)
                    return new KubernetesList<T>(items, version);
            }
            catch (KubernetesApiException e) when (e.IsExpired && token is not null)
            {
                throw new ContinueExpiredException(e);
            }
        }
    }

    private async Task<T> SendAsync<T>(KubernetesRequest request, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var body = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        var value = Parse(request, () => JsonSerializer.Deserialize(body, _json.TypeInfo<T>()));
        return value?.WithType() ?? throw new KubernetesApiException($"{request.Method} {request.Path}: the answer is empty.");
    }

    private async Task<byte[]> SendAsync(KubernetesRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(_options.RequestTimeout, _time, cancellationToken);
        return await SendAsync(request, deadline).ConfigureAwait(false);
    }

    private Task<byte[]> SendAsync(KubernetesRequest request, Deadline deadline) => GuardAsync(request, deadline, async () =>
    {
        using var response = await _transport.SendAsync(request, deadline).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(deadline.Token).ConfigureAwait(false);
    });

    // Headers are due within the deadline of any call; after them only the watchdog counts.
    private async Task<HttpResponseMessage> StartWatchAsync(KubernetesRequest request, Deadline watchdog, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(_options.RequestTimeout, _time, watchdog.Token);
        try
        {
            return await GuardAsync(request, deadline, () => _transport.SendAsync(request, deadline)).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw watchdog.Exceeded(request, e);
        }
    }

    private static async Task<TResult> GuardAsync<TResult>(KubernetesRequest request, Deadline deadline, Func<Task<TResult>> call)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (deadline.IsExceeded)
        {
            throw deadline.Exceeded(request, e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            throw new KubernetesApiException($"{request.Method} {request.Path}: {e.Message}", e);
        }
    }

    private static TResult Parse<TResult>(KubernetesRequest request, Func<TResult> parse)
    {
        try
        {
            return parse();
        }
        catch (JsonException e)
        {
            throw new KubernetesApiException($"{request.Method} {request.Path}: the answer cannot be read: {e.Message}", e);
        }
    }

    private sealed class ContinueExpiredException(Exception inner) : Exception("The continue token expired.", inner);
}
