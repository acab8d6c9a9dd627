using System.Net;
using System.Text.Json;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;

namespace K8sQueue.Kubernetes.Client;

/// <summary>Makes exceptions of answers that are failures: a Status where there is one, else what a proxy may have said.</summary>
internal static class ApiError
{
    private const int MaxText = 500;

    public static async Task<KubernetesApiException> ReadAsync(
        KubernetesRequest request, HttpResponseMessage response, TimeSpan? retryAfter, CancellationToken cancellationToken)
    {
        byte[] body;
        try
        {
            body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The code says enough.
            body = [];
        }

        var status = TryParse(body);
        var text = status?.Message ?? Shorten(System.Text.Encoding.UTF8.GetString(body));
        return new KubernetesApiException(
            response.StatusCode,
            status?.Reason ?? response.ReasonPhrase,
            $"{request.Method} {request.Path}: {(int)response.StatusCode} {status?.Reason ?? response.StatusCode.ToString()}: {text}",
            retryAfter ?? Seconds(status?.Details?.RetryAfterSeconds));
    }

    /// <summary>Of the Status that a watch sends as its ERROR event.</summary>
    public static KubernetesApiException OfWatch(string path, V1Status status) => new(
        (HttpStatusCode)(status.Code ?? 0),
        status.Reason,
        $"WATCH {path}: {status.Code} {status.Reason}: {status.Message}",
        Seconds(status.Details?.RetryAfterSeconds));

    private static TimeSpan? Seconds(int? seconds) => seconds > 0 ? TimeSpan.FromSeconds(seconds.Value) : null;

    private static V1Status? TryParse(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, KubernetesJson.Default.TypeInfo<V1Status>()) is { Kind: "Status" } status ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Shorten(string text) => text.Length <= MaxText ? text.Trim() : string.Concat(text.AsSpan(0, MaxText).Trim(), "...");
}
