using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace K8sQueue.Kubernetes.Models;

/// <summary>A number, or text such as <c>25%</c>.</summary>
[JsonConverter(typeof(IntOrStringConverter))]
public readonly record struct IntOrString
{
    public IntOrString(int value) => Number = value;

    public IntOrString(string value) => Text = value;

    /// <summary>The number; null where this is text.</summary>
    public int? Number { get; }

    /// <summary>The text; null where this is a number.</summary>
    public string? Text { get; }

    /// <summary>
    /// The number itself, or that percentage of the total, rounded up or down (as intstr.GetScaledValueFromIntOrPercent does).
    /// </summary>
    /// <exception cref="FormatException">The text is no percentage.</exception>
    public int Scale(int total, bool roundUp)
    {
        if (Text is null)
            return Number ?? 0;
        if (!Text.EndsWith('%') || !int.TryParse(Text.AsSpan(0, Text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
            throw new FormatException($"'{Text}' is neither a number nor a percentage.");
        var scaled = (long)percent * total;
        return (int)(roundUp ? (scaled + 99) / 100 : scaled / 100);
    }

    public override string ToString() => Text ?? (Number ?? 0).ToString(CultureInfo.InvariantCulture);

    public static implicit operator IntOrString(int value) => new(value);

    public static implicit operator IntOrString(string value) => new(value);

    public static IntOrString FromInt32(int value) => new(value);

    public static IntOrString FromString(string value) => new(value);
}

/// <summary>A JSON number or a JSON string.</summary>
public sealed class IntOrStringConverter : JsonConverter<IntOrString>
{
    public override IntOrString Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType switch
        {
            JsonTokenType.Number => new IntOrString(reader.GetInt32()),
            JsonTokenType.String => new IntOrString(reader.GetString()!),
            _ => throw new JsonException("Expected a number or a string."),
        };

    public override void Write(Utf8JsonWriter writer, IntOrString value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (value.Text is null)
            writer.WriteNumberValue(value.Number ?? 0);
        else
            writer.WriteStringValue(value.Text);
    }
}
