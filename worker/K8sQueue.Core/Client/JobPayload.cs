using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace K8sQueue.Client;

/// <summary>Payloads of jobs from objects: <c>Payload = JobPayload.Of(order, OrdersJsonContext.Default.Order)</c>.</summary>
public static class JobPayload
{
    /// <summary>The object as UTF-8 JSON.</summary>
    public static ReadOnlyMemory<byte> Of<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.SerializeToUtf8Bytes(value, type);
}
