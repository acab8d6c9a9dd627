using System.Buffers;
using System.Text.Json;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Client.Http;

/// <summary>Writes a job as the API reads it. The queue is in the address.</summary>
internal static class JobRequestJson
{
    /// <exception cref="ArgumentException">The payload is not JSON.</exception>
    public static byte[] Write(JobRequest job)
    {
        var buffer = new ArrayBufferWriter<byte>(job.Payload.Length + 256);
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, job);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes a job into an open document.</summary>
    /// <exception cref="ArgumentException">The payload is not JSON.</exception>
    public static void Write(Utf8JsonWriter writer, JobRequest job)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, job.Type);
        writer.WritePropertyName("payload"u8);
        WritePayload(writer, job.Payload);
        writer.WriteBoolean("tracked"u8, job.Tracked);
        if (job.Delay != TimeSpan.Zero)
            writer.WriteNumber("delaySeconds"u8, job.Delay.TotalSeconds);
        if (job.Lane != Lane.Normal)
            writer.WriteString("priority"u8, job.Lane switch { Lane.High => "high", Lane.Low => "low", _ => job.Lane.ToString() });
        if (job.Retry != RetryPolicy.Default)
            WriteRetry(writer, job.Retry);
        if (job.Timeout is { } timeout)
            writer.WriteNumber("timeoutSeconds"u8, timeout.TotalSeconds);
        if (job.Deduplication is { } key)
            WriteDeduplication(writer, key);
        if (job.Concurrency is { } limit)
        {
            writer.WriteStartObject("concurrency"u8);
            writer.WriteString("key"u8, limit.Key);
            writer.WriteNumber("limit"u8, limit.Limit);
            writer.WriteEndObject();
        }

        if (job.Tags.Count > 0)
            WriteTags(writer, job.Tags);
        if (job.Retention is { } retention)
            writer.WriteNumber("retentionSeconds"u8, retention.TotalSeconds);
        writer.WriteEndObject();
    }

    private static void WritePayload(Utf8JsonWriter writer, ReadOnlyMemory<byte> payload)
    {
        try
        {
            writer.WriteRawValue(OnOneLine(payload.Span));
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"The payload is not JSON: {e.Message}", e);
        }
    }

    // In a bulk a line is a job. A line's end can only be white space: within a string JSON writes it otherwise.
    private static ReadOnlySpan<byte> OnOneLine(ReadOnlySpan<byte> json)
    {
        if (!json.ContainsAny((byte)'\n', (byte)'\r'))
            return json;
        var line = json.ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return line;
    }

    private static void WriteRetry(Utf8JsonWriter writer, RetryPolicy retry)
    {
        writer.WriteNumber("maxAttempts"u8, retry.MaxAttempts);
        writer.WriteStartObject("backoff"u8);
        writer.WriteString("type"u8, retry.Backoff switch { BackoffKind.Fixed => "fixed", BackoffKind.Custom => "custom", _ => "exponential" });
        writer.WriteNumber("delaySeconds"u8, retry.Delay.TotalSeconds);
        writer.WriteNumber("maxDelaySeconds"u8, retry.MaxDelay.TotalSeconds);
        writer.WriteNumber("jitter"u8, retry.Jitter);
        if (retry.Delays.Count > 0)
        {
            writer.WriteStartArray("delaysSeconds"u8);
            foreach (var delay in retry.Delays)
                writer.WriteNumberValue(delay.TotalSeconds);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteDeduplication(Utf8JsonWriter writer, JobDeduplication key)
    {
        writer.WriteStartObject("deduplication"u8);
        writer.WriteString("key"u8, key.Key);
        if (key.Window is { } window)
            writer.WriteNumber("windowSeconds"u8, window.TotalSeconds);
        if (key.UntilDone)
            writer.WriteBoolean("untilDone"u8, true);
        writer.WriteEndObject();
    }

    private static void WriteTags(Utf8JsonWriter writer, IReadOnlyList<string> tags)
    {
        writer.WriteStartArray("tags"u8);
        foreach (var tag in tags)
            writer.WriteStringValue(tag);
        writer.WriteEndArray();
    }
}
