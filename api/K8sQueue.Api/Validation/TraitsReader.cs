using System.Text.Json;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Validation;

/// <summary>Reads the fields of a job that only some jobs have.</summary>
internal static class TraitsReader
{
    private const double MaxSeconds = 365 * 24 * 60 * 60;

    public static JobDeduplication? Deduplication(ref Utf8JsonReader reader)
    {
        if (!JsonFields.BeginObject(ref reader, "deduplication"))
            return null;
        var (key, window, untilDone) = ("", (TimeSpan?)null, false);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (JsonFields.NextName(ref reader, "deduplication.", seen, out var name))
        {
            switch (name)
            {
                case "deduplication.key":
                    key = ReadKey(ref reader, name);
                    break;
                case "deduplication.windowSeconds":
                    window = JsonFields.Seconds(ref reader, name, 0.001, MaxSeconds);
                    break;
                case "deduplication.untilDone":
                    untilDone = JsonFields.Boolean(ref reader, name) ?? false;
                    break;
                default:
                    throw JsonFields.Unknown(name, "key, windowSeconds, untilDone");
            }
        }

        Require(key, "deduplication.key");
        if (key.StartsWith(IdempotencyKey.Prefix, StringComparison.Ordinal))
            throw JsonFields.Invalid("deduplication.key", $"'deduplication.key' can't start with '{IdempotencyKey.Prefix}'.");
        return window is not null || untilDone
            ? new JobDeduplication(key, window, untilDone)
            : throw JsonFields.Invalid("deduplication", "'deduplication' needs 'windowSeconds', '\"untilDone\": true', or both: for how long the key is held.");
    }

    public static JobConcurrency? Concurrency(ref Utf8JsonReader reader)
    {
        if (!JsonFields.BeginObject(ref reader, "concurrency"))
            return null;
        var (key, limit) = ("", 1);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (JsonFields.NextName(ref reader, "concurrency.", seen, out var name))
        {
            switch (name)
            {
                case "concurrency.key":
                    key = ReadKey(ref reader, name);
                    break;
                case "concurrency.limit":
                    limit = JsonFields.Integer(ref reader, name, 1, 10_000) ?? 1;
                    break;
                default:
                    throw JsonFields.Unknown(name, "key, limit");
            }
        }

        Require(key, "concurrency.key");
        return new JobConcurrency(key, limit);
    }

    public static IReadOnlyList<string> Tags(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return [];
        if (reader.TokenType != JsonTokenType.StartArray)
            throw JsonFields.WrongType("tags", "an array of strings", reader.TokenType);
        var tags = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var tag = JsonFields.String(ref reader, "tags");
            if (string.IsNullOrWhiteSpace(tag) || tag.Length > JobLimits.MaxTagLength || tag.Any(char.IsControl) || tags.Count == JobLimits.MaxTags)
            {
                throw JsonFields.Invalid(
                    "tags",
                    $"'tags' must hold at most {JobLimits.MaxTags} strings of 1 to {JobLimits.MaxTagLength} characters, not all blank, none of them a control character.");
            }

            tags.Add(tag);
        }

        return tags;
    }

    private static string ReadKey(ref Utf8JsonReader reader, string name)
    {
        var key = JsonFields.String(ref reader, name);
        Require(key, name);
        return key!;
    }

    private static void Require(string? key, string name)
    {
        if (string.IsNullOrWhiteSpace(key) || key.Length > JobLimits.MaxKeyLength || key.Any(char.IsControl))
        {
            throw JsonFields.Invalid(
                name, $"'{name}' is required: 1 to {JobLimits.MaxKeyLength} characters, not all blank, none of them a control character.");
        }
    }
}
