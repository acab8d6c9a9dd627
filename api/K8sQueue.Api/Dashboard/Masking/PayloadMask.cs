using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using K8sQueue.Api.Validation;

namespace K8sQueue.Api.Dashboard.Masking;

/// <summary>
/// Shows JSON without the values of members that are named like secrets, and puts these back into what was edited: who edits a payload need not
/// see its secrets, and does not destroy them. Numbers and strings stay as they came.
/// </summary>
internal sealed class PayloadMask(IReadOnlyList<string> names)
{
    /// <summary>What is shown in place of a value.</summary>
    public const string Mask = "••••••";

    /// <summary>What is larger is not shown, in bytes.</summary>
    public const int MaxShownBytes = 64 * 1024;

    private static readonly JsonReaderOptions Showing = new() { MaxDepth = ApiLimits.MaxPayloadDepth };
    private static readonly JsonDocumentOptions Editing = new() { MaxDepth = ApiLimits.MaxPayloadDepth, AllowDuplicateProperties = false };
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string[] _names = [.. names.Select(Plain).Where(name => name.Length > 0)];

    /// <summary>Whether the values of members of this name are not shown.</summary>
    public bool Hides(string name)
    {
        var plain = Plain(name);
        return _names.Any(part => plain.Contains(part, StringComparison.Ordinal));
    }

    /// <summary>
    /// Whether what is no JSON may have such values: a form, a log, JSON that is cut or has comments. Looked for is the name alone, as it stands, behind escapes and behind percent signs.
    /// </summary>
    public bool MayHide(string text) => Hides(text) || text.Contains("\\u", StringComparison.Ordinal) || (text.Contains('%', StringComparison.Ordinal) && Hides(Uri.UnescapeDataString(text)));

    /// <summary>The JSON, indented and masked; null where it is none, or too large to be shown.</summary>
    public string? Show(ReadOnlyMemory<byte> json)
    {
        if (json.Length > MaxShownBytes || !Utf8.IsValid(json.Span))
            return null;
        using var stream = new MemoryStream();
        try
        {
            using var writer = new Utf8JsonWriter(stream, Indented);
            Copy(json.Span, writer);
        }
        catch (JsonException)
        {
            return null;
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>What was edited, with the values that were masked in it.</summary>
    /// <exception cref="FormatException">
    /// It is no JSON, a mask stands where nothing was masked, or in a list whose elements can't be told apart any more; the message says so.
    /// </exception>
    public byte[] Restore(string edited, ReadOnlyMemory<byte> original)
    {
        var (young, old) = (Parse(Encoding.UTF8.GetBytes(edited)), Parse(original.Span));
        if (!young.IsJson)
        {
            throw new FormatException(
                $"The payload is not valid JSON, has a member twice, or is nested more than {ApiLimits.MaxPayloadDepth} levels deep.");
        }

        try
        {
            return ToBytes(Restore(young.Node, old.Node, hidden: false, "payload"));
        }
        catch (InvalidOperationException e)
        {
            throw new FormatException($"The payload has an escape that is no text: {e.Message}", e);
        }
    }

    private void Copy(ReadOnlySpan<byte> json, Utf8JsonWriter writer)
    {
        var reader = new Utf8JsonReader(json, Showing);
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                    writer.WriteStartObject();
                    break;
                case JsonTokenType.EndObject:
                    writer.WriteEndObject();
                    break;
                case JsonTokenType.StartArray:
                    writer.WriteStartArray();
                    break;
                case JsonTokenType.EndArray:
                    writer.WriteEndArray();
                    break;
                case JsonTokenType.PropertyName:
                    var name = TextOf(ref reader) ?? Encoding.UTF8.GetString(reader.ValueSpan);
                    writer.WritePropertyName(name);
                    if (Hides(name))
                        HideValue(ref reader, writer);
                    break;
                case JsonTokenType.String when TextOf(ref reader) is { } text:
                    writer.WriteStringValue(text);
                    break;
                case JsonTokenType.True or JsonTokenType.False:
                    writer.WriteBooleanValue(reader.GetBoolean());
                    break;
                case JsonTokenType.Null:
                    writer.WriteNullValue();
                    break;
                default:
                    // As it came: a number's digits, half of a surrogate pair's escape.
                    writer.WriteRawValue(json[(int)reader.TokenStartIndex..(int)reader.BytesConsumed], skipInputValidation: true);
                    break;
            }
        }
    }

    private static void HideValue(ref Utf8JsonReader reader, Utf8JsonWriter writer)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
        {
            writer.WriteNullValue();
            return;
        }

        reader.Skip();
        writer.WriteStringValue(Mask);
    }

    // Null where it is no text: it has an escape of half of a surrogate pair.
    private static string? TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private JsonNode? Restore(JsonNode? young, JsonNode? old, bool hidden, string path)
    {
        if (hidden && IsMask(young))
        {
            return old?.DeepClone()
                ?? throw new FormatException($"{path} is masked, and the job has no value there: write it, or leave it out.");
        }

        return young switch
        {
            JsonObject members => new JsonObject(members.Select(member => KeyValuePair.Create(
                member.Key, Restore(member.Value, (old as JsonObject)?[member.Key], Hides(member.Key), $"{path}.{member.Key}")))),
            JsonArray elements => new JsonArray([.. elements.Select((element, i) => RestoreElement(
                element, i, elements.Count, old as JsonArray, string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]")))]),
            _ => young?.DeepClone(),
        };
    }

    // An element has no name: which one it was is known while the list is as long as it was and the element shows what it showed. A list of one has no other.
    private JsonNode? RestoreElement(JsonNode? young, int index, int count, JsonArray? old, string path)
    {
        var original = index < old?.Count ? old[index] : null;
        return !HoldsMask(young) || (old?.Count == count && (count == 1 || ShowsTheSame(young, original)))
            ? Restore(young, original, hidden: false, path)
            : throw new FormatException(
                $"{path} has a masked value, and its list was changed: whose value it is can't be told. Write the masked values of the list, or leave the list as it is.");
    }

    private bool HoldsMask(JsonNode? node) => node switch
    {
        JsonObject members => members.Any(member => (Hides(member.Key) && IsMask(member.Value)) || HoldsMask(member.Value)),
        JsonArray elements => elements.Any(HoldsMask),
        _ => false,
    };

    private bool ShowsTheSame(JsonNode? young, JsonNode? old) => (young, old) switch
    {
        (JsonObject a, JsonObject b) => a.Count == b.Count
            && a.All(member => b.TryGetPropertyValue(member.Key, out var other) && (Hides(member.Key) || ShowsTheSame(member.Value, other))),
        (JsonArray a, JsonArray b) => a.Count == b.Count && a.Zip(b).All(pair => ShowsTheSame(pair.First, pair.Second)),
        _ => JsonNode.DeepEquals(young, old),
    };

    private static bool IsMask(JsonNode? node) => node is JsonValue value && value.GetValueKind() == JsonValueKind.String && value.ToString() == Mask;

    private static byte[] ToBytes(JsonNode? node)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Compact))
        {
            if (node is null)
                writer.WriteNullValue();
            else
                node.WriteTo(writer);
        }

        return stream.ToArray();
    }

    // JSON's null is a value, too.
    private static (bool IsJson, JsonNode? Node) Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            return Utf8.IsValid(json) ? (true, JsonNode.Parse(json, documentOptions: Editing)) : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}
