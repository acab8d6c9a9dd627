using System.Globalization;
using System.Text;
using System.Text.Json;

namespace K8sQueue.Api.Tests.Fuzz;

/// <summary>Writes a body that is nearly what a schema asks for: here and there it is not.</summary>
internal sealed class FuzzWriter(JsonElement document, Random random)
{
    private const int MostLevels = 6;

    private readonly StringBuilder _json = new();

    /// <param name="schema">The schema of the body.</param>
    /// <param name="evil">The share of values that are something else.</param>
    public string Write(JsonElement schema, double evil)
    {
        _json.Clear();
        Value(schema, evil, 0);
        return _json.ToString();
    }

    private void Value(JsonElement schema, double evil, int level)
    {
        if (random.NextDouble() < evil)
        {
            _json.Append(EvilValues.Json[random.Next(EvilValues.Json.Length)]);
            return;
        }

        schema = JsonReferences.Follow(document, schema);
        if (schema.ValueKind != JsonValueKind.Object || level > MostLevels)
        {
            _json.Append("""{"a":[1.50,"é",null]}""");
            return;
        }

        foreach (var choice in (ReadOnlySpan<string>)["oneOf", "anyOf"])
        {
            if (schema.TryGetProperty(choice, out var choices))
            {
                Value(choices[random.Next(choices.GetArrayLength())], evil, level);
                return;
            }
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            _json.Append(values[random.Next(values.GetArrayLength())].GetRawText());
            return;
        }

        switch (TypeOf(schema))
        {
            case "object":
                Object(schema, evil, level);
                break;
            case "array":
                Array(schema, evil, level);
                break;
            case "integer":
                _json.Append(random.Next(0, 20));
                break;
            case "number":
                _json.Append((random.Next(0, 2_000) / 100.0).ToString(CultureInfo.InvariantCulture));
                break;
            case "boolean":
                _json.Append(random.Next(2) == 0 ? "true" : "false");
                break;
            case "string":
                _json.Append(Pick("\"t\"", "\"emails\"", "\"UTC\"", "\"0 30 4 ? * MON-FRI\"", "\"30 4 * * *\"", "\"key\"", "\"größe\""));
                break;
            default:
                _json.Append(Pick("null", "1.50", "\"x\"", "{\"to\":\"ada@example.org\"}"));
                break;
        }
    }

    private void Object(JsonElement schema, double evil, int level)
    {
        _json.Append('{');
        var first = true;
        if (schema.TryGetProperty("properties", out var properties))
        {
            var required = schema.TryGetProperty("required", out var names)
                ? names.EnumerateArray().Select(name => name.GetString()!).ToHashSet(StringComparer.Ordinal)
                : [];
            foreach (var property in properties.EnumerateObject())
            {
                if (random.NextDouble() < (required.Contains(property.Name) ? evil : 0.7))
                    continue;
                Member(property.Name, property.Value);
                if (random.NextDouble() < evil / 4)
                    Member(property.Name, property.Value);
            }
        }

        if (random.NextDouble() < evil / 2)
            Member(Pick("x", "", "\\u0000", "\\ud800", "$type", "Type", "type ", new string('n', 5_000)), default);
        _json.Append('}');

        void Member(string name, JsonElement value)
        {
            _json.Append(first ? "" : ",").Append('"').Append(name).Append("\":");
            first = false;
            Value(value, evil, level + 1);
        }
    }

    private void Array(JsonElement schema, double evil, int level)
    {
        _json.Append('[');
        var count = random.Next(4);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                _json.Append(',');
            Value(schema.TryGetProperty("items", out var items) ? items : default, evil, level + 1);
        }

        _json.Append(']');
    }

    private static string? TypeOf(JsonElement schema)
    {
        if (!schema.TryGetProperty("type", out var type))
            return schema.TryGetProperty("properties", out _) ? "object" : null;
        return type.ValueKind == JsonValueKind.Array
            ? type.EnumerateArray().Select(t => t.GetString()).FirstOrDefault(t => t != "null")
            : type.GetString();
    }

    private string Pick(params ReadOnlySpan<string> values) => values[random.Next(values.Length)];
}
