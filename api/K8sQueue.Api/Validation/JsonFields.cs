using System.Globalization;
using System.Text.Json;
using K8sQueue.Api.Problems;

namespace K8sQueue.Api.Validation;

/// <summary>
/// Reads the fields of a JSON object one by one. Each method expects the reader on the value; a JSON null reads as null, "not given".
/// </summary>
internal static class JsonFields
{
    private const int MaxEchoedName = 64;

    /// <summary>Moves to the next field's value; false at the end of the object.</summary>
    /// <exception cref="ProblemException">The field was there before.</exception>
    public static bool NextName(ref Utf8JsonReader reader, string? prefix, HashSet<string> seen, out string name)
    {
        name = "";
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject)
            return false;
        name = prefix + Text(ref reader, field: null);
        if (!seen.Add(name))
            throw Invalid(Shorten(name), $"'{Shorten(name)}' is given twice.");
        reader.Read();
        return true;
    }

    /// <summary>Whether an object begins; false for a null.</summary>
    public static bool BeginObject(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.Null => false,
        JsonTokenType.StartObject => true,
        _ => throw WrongType(field, "an object", reader.TokenType),
    };

    public static string? String(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.String => Text(ref reader, field),
        _ => throw WrongType(field, "a string", reader.TokenType),
    };

    public static bool? Boolean(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.Null => null,
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw WrongType(field, "true or false", reader.TokenType),
    };

    public static int? Integer(ref Utf8JsonReader reader, string field, int min, int max)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.Number)
            throw WrongType(field, "a whole number", reader.TokenType);
        return reader.TryGetInt32(out var value) && value >= min && value <= max
            ? value
            : throw Invalid(field, $"'{field}' must be a whole number from {min} to {max}.");
    }

    public static double? Number(ref Utf8JsonReader reader, string field, double min, double max)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.Number)
            throw WrongType(field, "a number", reader.TokenType);

        // A number too large for a double reads as infinity, which is out of every range.
        return reader.TryGetDouble(out var value) && value >= min && value <= max
            ? value
            : throw Invalid(field, string.Create(CultureInfo.InvariantCulture, $"'{field}' must be a number from {min} to {max}."));
    }

    /// <summary>A number of seconds, to the nearest tick: 0.346 is 346 ms, which TimeSpan.FromSeconds makes one tick less.</summary>
    public static TimeSpan? Seconds(ref Utf8JsonReader reader, string field, double min, double max) =>
        Number(ref reader, field, min, max) is { } seconds ? TimeSpan.FromTicks((long)Math.Round(seconds * TimeSpan.TicksPerSecond)) : null;

    public static ProblemException Unknown(string name, string known) =>
        Invalid(Shorten(name), $"'{Shorten(name)}' is not a field; the fields are {known}.");

    public static ProblemException WrongType(string field, string wanted, JsonTokenType found) =>
        Invalid(field, $"'{field}' must be {wanted}, not {Describe(found)}.");

    public static ProblemException Invalid(string? field, string detail) =>
        new(new Problem(ProblemTypes.InvalidJob, detail) { Field = field });

    public static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        _ => "null",
    };

    private static string Text(ref Utf8JsonReader reader, string? field)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // The bytes are UTF-8, so what is left is an escape such as \ud800 without its other half.
            throw new ProblemException(new Problem(ProblemTypes.MalformedJson, "A string holds one half of a surrogate pair.")
            {
                Field = field,
            });
        }
    }

    private static string Shorten(string name) => name.Length <= MaxEchoedName ? name : name[..MaxEchoedName] + "…";
}
