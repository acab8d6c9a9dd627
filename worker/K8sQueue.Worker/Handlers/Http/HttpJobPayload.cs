using System.Text.Json;

namespace K8sQueue.Worker.Handlers.Http;

/// <summary>Says what a payload is to whom it is posted. The API takes JSON only; a producer on the queue may enqueue any bytes.</summary>
internal static class HttpJobPayload
{
    private const string Json = "application/json";
    private const string Bytes = "application/octet-stream";

    // How deep it may be is the business of whom it is posted to.
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <summary>The media type of JSON where it is that, and of mere bytes otherwise, an empty payload too.</summary>
    public static string MediaTypeOf(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload, AnyDepth);
        try
        {
            while (reader.Read())
            {
            }

            return Json;
        }
        catch (JsonException)
        {
            return Bytes;
        }
    }
}
