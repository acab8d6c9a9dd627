using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Schema;

/// <summary>The value validations.</summary>
internal static class LimitChecks
{
    public static void Check(
        StructuralSchema schema, JsonNode value, string path, List<FieldError> errors, Func<StructuralSchema, JsonNode, string, bool> isValid)
    {
        var limits = schema.Limits;
        if (ReferenceEquals(limits, ValueLimits.None))
            return;
        if (limits.Enum is { } allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
            errors.Add(FieldError.NotSupported(path, value, allowed));
        switch (value.GetValueKind())
        {
            case JsonValueKind.String:
                Text(limits, value, path, errors);
                break;
            case JsonValueKind.Number:
                Number(limits, value, path, errors);
                break;
            case JsonValueKind.Array:
                Count(path, "items", ((JsonArray)value).Count, limits.MinItems, limits.MaxItems, errors);
                break;
            case JsonValueKind.Object:
                Count(path, "properties", ((JsonObject)value).Count, limits.MinProperties, limits.MaxProperties, errors);
                break;
        }

        if (limits.AllOf.Any(s => !isValid(s, value, path)))
            errors.Add(FieldError.InvalidType(path, "", $"\"{path}\" must validate all the schemas (allOf)", "FieldValueInvalid"));
        if (limits.AnyOf.Count > 0 && !limits.AnyOf.Any(s => isValid(s, value, path)))
            errors.Add(FieldError.InvalidType(path, "", $"\"{path}\" must validate at least one schema (anyOf)", "FieldValueInvalid"));
        if (limits.OneOf.Count > 0 && limits.OneOf.Count(s => isValid(s, value, path)) != 1)
            errors.Add(FieldError.InvalidType(path, "", $"\"{path}\" must validate one and only one schema (oneOf)", "FieldValueInvalid"));
        if (limits.Not is { } not && isValid(not, value, path))
            errors.Add(FieldError.InvalidType(path, "", $"\"{path}\" must not validate the schema (not)", "FieldValueInvalid"));
    }

    /// <summary>Sets hold a value once, lists with keys an item a key.</summary>
    public static void Unique(StructuralSchema schema, JsonArray list, string path, List<FieldError> errors)
    {
        if (schema.ListKind == ListKind.Atomic)
            return;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Count; i++)
        {
            var element = Apply.FieldElement.Item(schema, list[i]);
            if (element is not null && !seen.Add(element))
                errors.Add(FieldError.Duplicate($"{path}[{i}]", JsonNode.Parse(element[2..])));
        }
    }

    private static void Text(ValueLimits limits, JsonNode value, string path, List<FieldError> errors)
    {
        var text = value.AsText()!;
        var length = text.EnumerateRunes().Count();
        if (limits.MaxLength is { } maximum && length > maximum)
            errors.Add(FieldError.TooLong(path, maximum));
        if (limits.MinLength is { } minimum && length < minimum)
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be at least {minimum} chars long"));
        if (limits.Pattern is { } pattern && !pattern.IsMatch(text))
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should match '{limits.PatternText}'"));
        if (limits.Format is { } format && !Formats.Matches(format, text))
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must be of type {format}: {value.Show()}"));
    }

    private static void Number(ValueLimits limits, JsonNode value, string path, List<FieldError> errors)
    {
        if (!decimal.TryParse(value.Show(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return;
        if (limits.Minimum is { } minimum && (limits.ExclusiveMinimum ? number <= minimum : number < minimum))
        {
            var orEqual = limits.ExclusiveMinimum ? "" : "or equal to ";
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be greater than {orEqual}{minimum}"));
        }

        if (limits.Maximum is { } maximum && (limits.ExclusiveMaximum ? number >= maximum : number > maximum))
        {
            var orEqual = limits.ExclusiveMaximum ? "" : "or equal to ";
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be less than {orEqual}{maximum}"));
        }

        if (limits.MultipleOf is { } factor && number % factor != 0)
            errors.Add(FieldError.Invalid(path, value, $"{path} in body should be a multiple of {factor}"));
        if (limits.Format is "int32" && number is < int.MinValue or > int.MaxValue)
            errors.Add(FieldError.Invalid(path, value, $"{path} in body must be of type int32: {value.Show()}"));
    }

    private static void Count(string path, string what, long count, long? minimum, long? maximum, List<FieldError> errors)
    {
        if (minimum is { } least && count < least)
            errors.Add(FieldError.Invalid(path, count, $"{path} in body should have at least {least} {what}"));
        if (maximum is { } most && count > most)
            errors.Add(FieldError.TooMany(path, count, most));
    }
}
