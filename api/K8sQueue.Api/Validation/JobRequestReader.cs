using System.Text.Json;
using System.Text.Unicode;
using K8sQueue.Api.Problems;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Validation;

/// <summary>
/// Reads one job from its JSON. The payload is cut out as the bytes that came, never parsed into objects and written again:
/// numbers keep their digits, and members their order.
/// </summary>
internal static class JobRequestReader
{
    internal delegate T ReadFields<out T>(ref Utf8JsonReader reader, ReadOnlySpan<byte> json);

    /// <summary>Reads the value of a field that a job alone does not have; false where the name is not known.</summary>
    internal delegate bool ReadMore(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string name);

    private const double MaxSeconds = 365 * 24 * 60 * 60;

    /// <summary>The fields in the order in which messages list them.</summary>
    private const string Known = "type, payload, delaySeconds, priority, maxAttempts, backoff, timeoutSeconds, tracked, deduplication, concurrency, tags, retentionSeconds";

    /// <summary>Reads a job for <paramref name="queue"/>, whose name is valid already.</summary>
    /// <param name="json">The whole document. Nothing of it is referred to afterwards.</param>
    /// <param name="queue">The queue's name.</param>
    /// <param name="traceParent">The producer's W3C <c>traceparent</c>.</param>
    /// <param name="limit">How large the payload may be.</param>
    /// <exception cref="ProblemException">The job is not acceptable; the problem says why and where.</exception>
    public static JobRequest Read(ReadOnlySpan<byte> json, string queue, string? traceParent, PayloadLimit limit)
    {
        return ReadDocument(json, (ref Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        {
            RequireObject(ref reader);
            return ReadFieldsOf(ref reader, text, queue, traceParent, limit);
        });
    }

    /// <summary>Reads <c>{"payload": ...}</c>.</summary>
    /// <exception cref="ProblemException">It is something else; the problem says why and where.</exception>
    public static ReadOnlyMemory<byte> ReadPayload(ReadOnlySpan<byte> json, PayloadLimit limit) => ReadDocument(
        json,
        (ref Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        {
            var request = new JobRequest { Queue = "", Type = "" };
            var seen = new HashSet<string>(StringComparer.Ordinal);
            RequireObject(ref reader);
            while (JsonFields.NextName(ref reader, prefix: null, seen, out var name))
                request = name == "payload" ? request with { Payload = ReadPayload(ref reader, text, limit) } : throw JsonFields.Unknown(name, "payload");
            return seen.Count > 0 ? request.Payload : throw JsonFields.Invalid("payload", "'payload' is required in a body.");
        });

    /// <summary>Reads the job that is the value of a field: what is wrong with it is named <c>field.name</c>.</summary>
    /// <exception cref="ProblemException">It is not an acceptable job.</exception>
    public static JobRequest ReadNested(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string field, string queue, string? traceParent, PayloadLimit limit)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonFields.WrongType(field, "a job, which is an object", reader.TokenType);
        try
        {
            return ReadFieldsOf(ref reader, json, queue, traceParent, limit);
        }
        catch (ProblemException e) when (e.Problem.Field is { } inner)
        {
            throw new ProblemException(e.Problem with { Field = $"{field}.{inner}" });
        }
    }

    /// <summary>Reads a body's JSON.</summary>
    /// <param name="json">The whole document.</param>
    /// <param name="read">Reads its value.</param>
    /// <param name="levels">Containers around a payload.</param>
    /// <exception cref="ProblemException">It is not JSON, or what <paramref name="read"/> says.</exception>
    internal static T ReadDocument<T>(ReadOnlySpan<byte> json, ReadFields<T> read, int levels = 1)
    {
        if (!Utf8.IsValid(json))
            throw new ProblemException(new Problem(ProblemTypes.MalformedJson, "The body is not UTF-8."));

        // One level more so that "too deep" is found here, with a better message.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = ApiLimits.MaxPayloadDepth + levels + 1 });
        try
        {
            var result = read(ref reader, json);

            // Throws where anything but white space follows.
            reader.Read();
            return result;
        }
        catch (JsonException e)
        {
            // The message ends with the position, which has members of its own.
            var detail = e.Message.Split(" LineNumber:", 2)[0];
            throw new ProblemException(new Problem(ProblemTypes.MalformedJson, detail)
            {
                Line = e.LineNumber + 1,
                Position = e.BytePositionInLine + 1,
            });
        }
    }

    private static void RequireObject(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw JsonFields.Invalid(null, $"A job is a JSON object, not {JsonFields.Describe(reader.TokenType)}.");
    }

    /// <summary>Reads the fields of a job, whose object has begun.</summary>
    /// <param name="more">Names of what else it may have, as messages list them behind the others.</param>
    /// <param name="readMore">Reads one of these.</param>
    /// <exception cref="ProblemException">It is not an acceptable job.</exception>
    internal static JobRequest ReadFieldsOf(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, string queue, string? traceParent, PayloadLimit limit, string more = "", ReadMore? readMore = null)
    {
        var request = new JobRequest { Queue = queue, Type = "", TraceParent = traceParent, Tracked = true };
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (JsonFields.NextName(ref reader, prefix: null, seen, out var name))
        {
            request = name switch
            {
                "type" => request with { Type = ReadType(ref reader) },
                "payload" => request with { Payload = ReadPayload(ref reader, json, limit) },
                "delaySeconds" => request with { Delay = JsonFields.Seconds(ref reader, name, 0, MaxSeconds) ?? TimeSpan.Zero },
                "priority" => request with { Lane = ReadLane(ref reader) },
                "maxAttempts" => request with
                {
                    Retry = request.Retry with
                    {
                        MaxAttempts = JsonFields.Integer(ref reader, name, 1, 1000) ?? RetryPolicy.Default.MaxAttempts,
                    },
                },
                "backoff" => request with { Retry = BackoffReader.Read(ref reader, request.Retry) },
                "timeoutSeconds" => request with { Timeout = JsonFields.Seconds(ref reader, name, 0.001, MaxSeconds) },
                "tracked" => request with { Tracked = JsonFields.Boolean(ref reader, name) ?? true },
                "deduplication" => request with { Deduplication = TraitsReader.Deduplication(ref reader) },
                "concurrency" => request with { Concurrency = TraitsReader.Concurrency(ref reader) },
                "tags" => request with { Tags = TraitsReader.Tags(ref reader) },
                "retentionSeconds" => request with { Retention = JsonFields.Seconds(ref reader, name, 0, MaxSeconds) },
                _ => readMore?.Invoke(ref reader, json, name) == true ? request : throw JsonFields.Unknown(name, Known + more),
            };
        }

        return seen.Contains("type") ? request : throw JsonFields.Invalid("type", "'type' is required: it selects the handler.");
    }

    private static string ReadType(ref Utf8JsonReader reader)
    {
        var type = JsonFields.String(ref reader, "type");
        if (string.IsNullOrWhiteSpace(type) || type.Length > JobLimits.MaxTypeLength)
            throw JsonFields.Invalid("type", $"'type' must have 1 to {JobLimits.MaxTypeLength} characters that are not all blank.");
        if (type.Any(char.IsControl))
            throw JsonFields.Invalid("type", "'type' must not hold control characters.");
        return type;
    }

    private static Lane ReadLane(ref Utf8JsonReader reader) => JsonFields.String(ref reader, "priority") switch
    {
        null or "normal" => Lane.Normal,
        "high" => Lane.High,
        "low" => Lane.Low,
        _ => throw JsonFields.Invalid("priority", "'priority' must be high, normal or low."),
    };

    private static byte[] ReadPayload(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, PayloadLimit limit)
    {
        var start = (int)reader.TokenStartIndex;
        var depth = 0;
        do
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                depth++;
            else if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
                depth--;
            if (depth > ApiLimits.MaxPayloadDepth)
            {
                throw new ProblemException(new Problem(
                    ProblemTypes.JsonTooDeep, $"'payload' may be nested {ApiLimits.MaxPayloadDepth} levels deep.")
                { Field = "payload" });
            }
        }
        while (depth > 0 && reader.Read());

        var length = (int)reader.BytesConsumed - start;
        if (length > limit.PayloadBytes)
        {
            throw new ProblemException(new Problem(
                ProblemTypes.TooLarge, $"'payload' has {length} bytes; the limit is {limit.PayloadBytes}.")
            { Field = "payload" });
        }

        return json.Slice(start, length).ToArray();
    }
}
