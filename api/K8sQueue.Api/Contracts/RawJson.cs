using System.Text.Json;
using System.Text.Json.Serialization;
using K8sQueue.Api.Validation;

namespace K8sQueue.Api.Contracts;

/// <summary>JSON that is written as the bytes that came.</summary>
[JsonConverter(typeof(RawJsonConverter))]
internal readonly record struct RawJson(ReadOnlyMemory<byte> Utf8)
{
    /// <summary>Null where the bytes are not one JSON value: a handler's result and a corrupt entry's payload may be anything.</summary>
    public static RawJson? FromBytes(ReadOnlyMemory<byte>? bytes) => bytes is { } utf8 && IsJson(utf8.Span) ? new RawJson(utf8) : null;

    private static bool IsJson(ReadOnlySpan<byte> bytes)
    {
        if (!System.Text.Unicode.Utf8.IsValid(bytes))
            return false;
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = ApiLimits.MaxPayloadDepth });
        try
        {
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>Writes <see cref="RawJson"/>, whose maker has checked it.</summary>
internal sealed class RawJsonConverter : JsonConverter<RawJson>
{
    public override RawJson Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        throw new NotSupportedException("Requests are read by JobRequestReader.");

    public override void Write(Utf8JsonWriter writer, RawJson value, JsonSerializerOptions options) =>
        writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
}
