using System.Text.Json;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Kubernetes.Client;

/// <summary>Sends a request within its deadline and reads the answer; whatever goes wrong is a <see cref="KubernetesApiException"/>.</summary>
internal sealed class KubernetesCaller(KubernetesTransport transport, JsonSerializerOptions json, TimeSpan requestTimeout, TimeProvider time) : IDisposable
{
    public JsonSerializerOptions Json => json;

    public TimeProvider Time => time;

    public async Task<T> SendAsync<T>(KubernetesRequest request, CancellationToken cancellationToken)
        where T : class, IKubernetesObject
    {
        var body = await SendAsync(request, cancellationToken).ConfigureAwait(false);
        var value = Parse(request, () => JsonSerializer.Deserialize(body, json.TypeInfo<T>()));
        return value?.WithType() ?? throw new KubernetesApiException($"{request.Method} {request.Path}: the answer is empty.");
    }

    public async Task<byte[]> SendAsync(KubernetesRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(requestTimeout, time, cancellationToken);
        return await SendAsync(request, deadline).ConfigureAwait(false);
    }

    public Task<byte[]> SendAsync(KubernetesRequest request, Deadline deadline) => GuardAsync(request, deadline, async () =>
    {
        using var response = await transport.SendAsync(request, deadline).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(deadline.Token).ConfigureAwait(false);
    });

    /// <summary>Gives the body to the reader while it arrives, within the deadline.</summary>
    public Task<TResult> ReadAsync<TResult>(KubernetesRequest request, Deadline deadline, Func<Stream, Task<TResult>> read) => GuardAsync(request, deadline, async () =>
    {
        using var response = await transport.SendAsync(request, deadline).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync(deadline.Token).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
            return await read(body).ConfigureAwait(false);
    });

    /// <summary>Headers are due within the deadline of any call; after them only the watchdog counts.</summary>
    public async Task<HttpResponseMessage> StartWatchAsync(KubernetesRequest request, Deadline watchdog, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(requestTimeout, time, watchdog.Token);
        try
        {
            return await GuardAsync(request, deadline, () => transport.SendAsync(request, deadline)).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw watchdog.Exceeded(request, e);
        }
    }

    public static async Task<TResult> GuardAsync<TResult>(KubernetesRequest request, Deadline deadline, Func<Task<TResult>> call)
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

    public void Dispose() => transport.Dispose();

    public static TResult Parse<TResult>(KubernetesRequest request, Func<TResult> parse)
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
}
