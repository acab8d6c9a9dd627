using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Protobuf;

/// <summary>
/// Bodies of application/vnd.kubernetes.protobuf to JSON trees: clients built on client-go send built-in kinds so, without asking.
/// Answers are always JSON, which they accept.
/// </summary>
internal static class ProtobufDecoder
{
    private static ReadOnlySpan<byte> Magic => "k8s\0"u8;

    /// <exception cref="FormatException">No such message, or one that messages.fields does not know.</exception>
    public static JsonObject Decode(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith(Magic))
            throw new FormatException("a protobuf body starts with k8s and a zero byte");
        var envelope = new ProtobufReader(body[Magic.Length..]);
        JsonObject type = [];
        ReadOnlySpan<byte> raw = default;
        while (envelope.TryRead())
        {
            if (envelope.Field == 1)
                type = Message("TypeMeta", envelope.Bytes);
            else if (envelope.Field == 2)
                raw = envelope.Bytes;
        }

        var value = Message(type.TextAt("kind") ?? "", raw);
        value["apiVersion"] = type.TextAt("apiVersion");
        value["kind"] = type.TextAt("kind");
        return value;
    }

    private static JsonObject Message(string name, ReadOnlySpan<byte> bytes)
    {
        var fields = MessageTable.Find(name) ?? throw new FormatException($"LocalCluster does not read {name} from protobuf: send JSON");
        var result = new JsonObject();
        var reader = new ProtobufReader(bytes);
        while (reader.TryRead())
        {
            if (!fields.TryGetValue(reader.Field, out var field))
                throw new FormatException($"LocalCluster does not read field {reader.Field} of {name} from protobuf: send JSON");
            if (field.IsMap)
            {
                var entry = Entry(field.Type, reader.Bytes);
                result.Need(field.Name)[entry.Key] = entry.Value;
            }
            else if (field.IsList)
            {
                if (result[field.Name] is not JsonArray list)
                    result[field.Name] = list = [];
                list.Add(Value(field.Type, ref reader, keepsZero: true));
            }
            else if (Value(field.Type, ref reader, field.KeepsZero) is { } value)
            {
                result[field.Name] = value;
            }
        }

        return result;
    }

    private static KeyValuePair<string, JsonNode?> Entry(string type, ReadOnlySpan<byte> bytes)
    {
        var key = "";
        JsonNode? value = type is "string" or "bytes" ? "" : null;
        var reader = new ProtobufReader(bytes);
        while (reader.TryRead())
        {
            if (reader.Field == 1)
                key = Encoding.UTF8.GetString(reader.Bytes);
            else
                value = Value(type, ref reader, keepsZero: true);
        }

        return new(key, value);
    }

    /// <summary>Null for a zero that Go's JSON would leave out.</summary>
    private static JsonNode? Value(string type, ref ProtobufReader reader, bool keepsZero)
    {
        switch (type)
        {
            case "string":
                var text = Encoding.UTF8.GetString(reader.Bytes);
                return text.Length > 0 || keepsZero ? text : null;
            case "bytes":
                return Convert.ToBase64String(reader.Bytes);
            case "int":
                return reader.Number != 0 || keepsZero ? reader.Number : null;
            case "bool":
                return reader.Number != 0 || keepsZero ? reader.Number != 0 : null;
            case "skip":
                return null;
            case "Quantity":
                return Encoding.UTF8.GetString(Parts(reader.Bytes).Text ?? []);
            case "Time" or "MicroTime":
                return Time(type, reader.Bytes);
            case "IntOrString":
                var (numbers, word) = Parts(reader.Bytes);
                return numbers.GetValueOrDefault(1) == 1 ? Encoding.UTF8.GetString(word ?? []) : numbers.GetValueOrDefault(2);
            default:
                return Message(type, reader.Bytes);
        }
    }

    private static JsonNode? Time(string type, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length == 0)
            return null;
        var numbers = Parts(bytes).Numbers;
        var at = DateTimeOffset.FromUnixTimeSeconds(numbers.GetValueOrDefault(1)).AddTicks(numbers.GetValueOrDefault(2) / 100);
        return type == "Time"
            ? ObjectMeta.Timestamp(at)
            : at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
    }

    /// <summary>The numbers of a small message by field, and its one text.</summary>
    private static (Dictionary<int, long> Numbers, byte[]? Text) Parts(ReadOnlySpan<byte> bytes)
    {
        var numbers = new Dictionary<int, long>();
        byte[]? text = null;
        var reader = new ProtobufReader(bytes);
        while (reader.TryRead())
        {
            if (reader.IsDelimited)
                text = reader.Bytes.ToArray();
            else
                numbers[reader.Field] = reader.Number;
        }

        return (numbers, text);
    }
}
