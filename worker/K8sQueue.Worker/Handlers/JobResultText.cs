using System.Text;
using System.Text.Json;

namespace K8sQueue.Worker.Handlers;

/// <summary>Turns what other programs write into results.</summary>
internal static class JobResultText
{
    /// <summary>Whether the bytes are one JSON value and nothing else.</summary>
    public static bool IsJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || !reader.TrySkip())
                return false;
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>JSON as it is, other text as a JSON string without its last line break; null for nothing, or too much.</summary>
    public static ReadOnlyMemory<byte>? FromOutput(ReadOnlyMemory<byte> output)
    {
        if (output.IsEmpty)
            return null;
        if (output.Length > JobContext.MaxResultBytes)
            return null;
        if (IsJson(output.Span))
            return output;
        var text = Encoding.UTF8.GetString(output.Span).TrimEnd('\n', '\r');
        var json = JsonSerializer.SerializeToUtf8Bytes(text, WorkerJsonContext.Default.String);
        return json.Length <= JobContext.MaxResultBytes ? json : default(ReadOnlyMemory<byte>?);
    }
}
