using System.Text.Json;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Validation;

/// <summary>Reads the <c>backoff</c> object of a job.</summary>
internal static class BackoffReader
{
    private const double MaxSeconds = 365 * 24 * 60 * 60;
    private const string Known = "type, delaySeconds, maxDelaySeconds, jitter";

    public static RetryPolicy Read(ref Utf8JsonReader reader, RetryPolicy policy)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return policy;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonFields.WrongType("backoff", "an object", reader.TokenType);
        TimeSpan? maxDelay = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (JsonFields.NextName(ref reader, "backoff.", seen, out var name))
        {
            switch (name)
            {
                case "backoff.type":
                    policy = policy with { Backoff = ReadKind(ref reader) };
                    break;
                case "backoff.delaySeconds":
                    policy = policy with { Delay = JsonFields.Seconds(ref reader, name, 0, MaxSeconds) ?? RetryPolicy.Default.Delay };
                    break;
                case "backoff.maxDelaySeconds":
                    maxDelay = JsonFields.Seconds(ref reader, name, 0, MaxSeconds);
                    break;
                case "backoff.jitter":
                    policy = policy with { Jitter = JsonFields.Number(ref reader, name, 0, 1) ?? RetryPolicy.Default.Jitter };
                    break;
                default:
                    throw JsonFields.Unknown(name, Known);
            }
        }

        if (maxDelay < policy.Delay)
            throw JsonFields.Invalid("backoff.maxDelaySeconds", "'backoff.maxDelaySeconds' must not be below 'backoff.delaySeconds'.");

        // A first delay above the default limit raises the limit, unless one is given.
        var limit = policy.Delay > RetryPolicy.Default.MaxDelay ? policy.Delay : RetryPolicy.Default.MaxDelay;
        return policy with { MaxDelay = maxDelay ?? limit };
    }

    private static BackoffKind ReadKind(ref Utf8JsonReader reader) => JsonFields.String(ref reader, "backoff.type") switch
    {
        null or "exponential" => BackoffKind.Exponential,
        "fixed" => BackoffKind.Fixed,
        _ => throw JsonFields.Invalid("backoff.type", "'backoff.type' must be exponential or fixed."),
    };
}
