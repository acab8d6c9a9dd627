
namespace K8sQueue.Client.Http;

/// <summary>Decides what is sent again, and when. No I/O.</summary>
internal static class RetryRules
{
    /// <summary>
    /// Whether an answer is worth a repetition: the API, its broker or a proxy may work in a moment. 507, a full broker, will not so soon.
    /// </summary>
    public static bool IsPassing(HttpResponseMessage response, TimeSpan longestPause, TimeProvider time) =>
        (int)response.StatusCode is 408 or 425 or 429 or 500 or 502 or 503 or 504 && !(RetryAfter(response, time) > longestPause);

    /// <summary>How long after its first attempt a call may still be on its way, at most: all attempts and pauses at their longest.</summary>
    public static TimeSpan LongestCall(K8sQueueClientOptions options) =>
        ((options.MaxRetries + 1) * options.AttemptTimeout) + (options.MaxRetries * options.MaxRetryDelay);

    /// <summary>When the API wants to be asked again; null where it does not say.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        { Date: not null } => TimeSpan.Zero,
        _ => null,
    };
}
