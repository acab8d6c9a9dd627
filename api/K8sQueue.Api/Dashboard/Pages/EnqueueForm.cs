using System.Globalization;
using System.Text;
using System.Text.Json;
using K8sQueue.Api.Problems;
using K8sQueue.Api.Validation;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Dashboard.Pages;

/// <summary>Makes a job of what was written into the form: as the JSON that the API takes, so that one reader checks both.</summary>
internal static class EnqueueForm
{
    /// <exception cref="ProblemException">It is not acceptable; the problem says why and where.</exception>
    public static JobRequest Read(EnqueueInput input, string queue, PayloadLimit limit) =>
        JobRequestReader.Read(ToJson(input), queue, traceParent: null, limit);

    private static byte[] ToJson(EnqueueInput input)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
            Write(writer, input);
        return stream.ToArray();
    }

    /// <summary>Writes the job as the API takes it.</summary>
    public static void Write(Utf8JsonWriter writer, EnqueueInput input)
    {
        writer.WriteStartObject();
        writer.WriteString("type", input.Type.Trim());
        writer.WritePropertyName("payload");
        WritePayload(writer, input.Payload);
        if (input.Priority.Length > 0)
            writer.WriteString("priority", input.Priority);
        WriteNumber(writer, "delaySeconds", input.DelaySeconds);
        WriteNumber(writer, "maxAttempts", input.MaxAttempts);
        WriteNumber(writer, "timeoutSeconds", input.TimeoutSeconds);
        if (input.Tags.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } tags)
        {
            writer.WriteStartArray("tags");
            foreach (var tag in tags)
                writer.WriteStringValue(tag);
            writer.WriteEndArray();
        }

        if (!string.IsNullOrWhiteSpace(input.DeduplicationKey))
        {
            writer.WriteStartObject("deduplication");
            writer.WriteString("key", input.DeduplicationKey.Trim());
            writer.WriteBoolean("untilDone", true);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WritePayload(Utf8JsonWriter writer, string payload)
    {
        var bytes = Encoding.UTF8.GetBytes(string.IsNullOrWhiteSpace(payload) ? "null" : payload.Trim());
        try
        {
            writer.WriteRawValue(bytes);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ProblemException(new Problem(ProblemTypes.MalformedJson, $"The payload is not valid JSON: {e.Message}") { Field = "payload" });
        }
    }

    /// <summary>Writes what was written into a field, where something was.</summary>
    public static void WriteNumber(Utf8JsonWriter writer, string name, string text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return;
        writer.WriteNumber(name, decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ProblemException(new Problem(ProblemTypes.InvalidJob, $"'{name}' must be a number.") { Field = name }));
    }
}
