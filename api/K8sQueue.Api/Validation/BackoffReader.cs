using System.Text.Json;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Validation;

/// <summary>Reads the <c>backoff</c> object of a job.</summary>
internal static class BackoffReader
{
    private const double MaxSeconds = 365 * 24 * 60 * 60;
    private const string Known = "type, delaySeconds, maxDelaySeconds, jitter, delaysSeconds";

    public static RetryPolicy Read(ref Utf8JsonReader reader, RetryPolicy policy)
    {
        if (!JsonFields.BeginObject(ref reader, "backoff"))
            return policy;
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
                case "backoff.delaysSeconds":
                    policy = policy with { Delays = ReadDelays(ref reader) };
                    break;
                default:
                    throw JsonFields.Unknown(name, Known);
            }
        }

        if ((policy.Backoff == BackoffKind.Custom) != (policy.Delays.Count > 0))
            throw JsonFields.Invalid("backoff.delaysSeconds", "'backoff.delaysSeconds' goes with the backoff custom, and with no other.");
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
        "custom" => BackoffKind.Custom,
        _ => throw JsonFields.Invalid("backoff.type", "'backoff.type' must be exponential, fixed or custom."),
    };

    private static List<TimeSpan> ReadDelays(ref Utf8JsonReader reader)
    {
        const string Name = "backoff.delaysSeconds";
        var delays = new List<TimeSpan>();
        if (reader.TokenType == JsonTokenType.Null)
            return delays;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw JsonFields.WrongType(Name, "an array of numbers", reader.TokenType);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (delays.Count == RetryPolicy.MaxDelays || JsonFields.Seconds(ref reader, Name, 0, MaxSeconds) is not { } delay)
                throw JsonFields.Invalid(Name, $"'{Name}' must hold 1 to {RetryPolicy.MaxDelays} numbers.");
            delays.Add(delay);
        }

        return delays;
    }
}
