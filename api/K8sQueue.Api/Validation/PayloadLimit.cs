using K8sQueue.Core.Redis;
using Microsoft.Extensions.Options;

namespace K8sQueue.Api.Validation;

/// <summary>How large payloads may be: the queue's own setting.</summary>
/// <param name="PayloadBytes">The largest payload in bytes.</param>
internal readonly record struct PayloadLimit(int PayloadBytes)
{
    private const int OtherFields = 64 * 1024;

    /// <summary>A job with all its fields, in bytes: the largest payload and 64 KiB for the rest.</summary>
    public int JobBytes => PayloadBytes + OtherFields;

    /// <summary>A batch or a flow with all of its jobs, in bytes.</summary>
    public int BatchBytes => 4 * JobBytes;

    public static PayloadLimit Of(HttpContext context) => Of(context.RequestServices);

    public static PayloadLimit Of(IServiceProvider services) =>
        new(services.GetRequiredService<IOptions<RedisQueueOptions>>().Value.MaxPayloadBytes);
}
