using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities.Validation;

namespace K8sQueue.Operator.Entities.Schema;

/// <summary>Turns a C# type into the structural OpenAPI schema of a CRD: attributes say the bounds, initial values the defaults.</summary>
internal static class SchemaBuilder
{
    public static JsonObject Build(Type type)
    {
        var schema = new JsonObject();
        AddDescription(schema, type);
        schema["type"] = "object";
        if (type.IsDefined(typeof(PreserveUnknownFieldsAttribute)))
            schema["x-kubernetes-preserve-unknown-fields"] = true;
        var rules = ValidationRules.Of(type);
        if (rules.Count > 0)
            schema["x-kubernetes-validations"] = RulesOf(rules);
        var properties = new JsonObject();
        var required = new JsonArray();
        var initial = Activator.CreateInstance(type)!;
        foreach (var property in PropertiesOf(type))
        {
            var name = NameOf(property);
            properties[name] = Property(property, property.GetValue(initial));
            if (property.IsDefined(typeof(RequiredAttribute)))
                required.Add(name);
        }

        if (properties.Count > 0)
            schema["properties"] = properties;
        if (required.Count > 0)
            schema["required"] = required;
        return schema;
    }

    public static JsonArray RulesOf(IEnumerable<ValidationRule> rules) =>
        [.. rules.Select(rule => new JsonObject { ["rule"] = rule.Cel, ["message"] = rule.Message })];

    /// <summary>Properties in the order of the source.</summary>
    private static IOrderedEnumerable<PropertyInfo> PropertiesOf(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(property => property.CanWrite && !property.IsDefined(typeof(System.Text.Json.Serialization.JsonExtensionDataAttribute)))
            .OrderBy(property => property.MetadataToken);

    private static string NameOf(PropertyInfo property) => JsonNamingPolicy.CamelCase.ConvertName(property.Name);

    private static JsonObject Property(PropertyInfo property, object? initial)
    {
        var schema = OfType(Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType, property);
        AddDescription(schema, property);
        if (property.IsDefined(typeof(DefaultedAttribute)))
            schema["default"] = DefaultOf(initial);
        return schema;
    }

    private static JsonObject OfType(Type type, PropertyInfo property) => type switch
    {
        _ when type == typeof(bool) => new JsonObject { ["type"] = "boolean" },
        _ when type == typeof(int) => Integer("int32", property),
        _ when type == typeof(long) => Integer("int64", property),
        _ when type == typeof(string) => String(property),
        _ when type == typeof(IntOrString) => new JsonObject { ["x-kubernetes-int-or-string"] = true },
        _ when type == typeof(DateTimeOffset) => new JsonObject { ["type"] = "string", ["format"] = "date-time" },
        _ when typeof(IDictionary).IsAssignableFrom(type) => Map(property),
        _ when typeof(IList).IsAssignableFrom(type) => List(type.GetGenericArguments()[0], property),
        _ => ObjectOf(type),
    };

    private static JsonObject ObjectOf(Type type) => type == typeof(V1Condition) ? ConditionSchema.Build() : Build(type);

    private static JsonObject Integer(string format, PropertyInfo property)
    {
        var schema = new JsonObject { ["type"] = "integer", ["format"] = format };
        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema["minimum"] = Convert.ToInt64(range.Minimum, CultureInfo.InvariantCulture);
            schema["maximum"] = Convert.ToInt64(range.Maximum, CultureInfo.InvariantCulture);
        }

        return schema;
    }

    private static JsonObject String(PropertyInfo property)
    {
        var schema = new JsonObject { ["type"] = "string" };
        if (property.GetCustomAttribute<MinLengthAttribute>() is { } minimum)
            schema["minLength"] = minimum.Length;
        if (property.GetCustomAttribute<MaxLengthAttribute>() is { } maximum)
            schema["maxLength"] = maximum.Length;
        if (property.GetCustomAttribute<RegularExpressionAttribute>() is { } pattern)
            schema["pattern"] = pattern.Pattern;
        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed)
            schema["enum"] = new JsonArray([.. allowed.Values.Select(value => JsonValue.Create((string)value!))]);
        return schema;
    }

    private static JsonObject Map(PropertyInfo property)
    {
        var values = new JsonObject { ["type"] = "string" };
        if (property.GetCustomAttribute<ValueMaxLengthAttribute>() is { } bound)
            values["maxLength"] = bound.Length;
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = values };
        if (property.GetCustomAttribute<MaxLengthAttribute>() is { } maximum)
            schema["maxProperties"] = maximum.Length;
        return schema;
    }

    private static JsonObject List(Type item, PropertyInfo property)
    {
        var items = item == typeof(string) ? new JsonObject { ["type"] = "string" }
            : item == typeof(int) ? Integer("int32", property)
            : ObjectOf(item);
        if (property.GetCustomAttribute<ValueMaxLengthAttribute>() is { } bound)
            items["maxLength"] = bound.Length;
        var schema = new JsonObject { ["type"] = "array", ["items"] = items };
        if (property.GetCustomAttribute<MinLengthAttribute>() is { } minimum)
            schema["minItems"] = minimum.Length;
        if (property.GetCustomAttribute<MaxLengthAttribute>() is { } maximum)
            schema["maxItems"] = maximum.Length;
        if (property.GetCustomAttribute<ListKeyAttribute>() is { } key)
        {
            schema["x-kubernetes-list-type"] = "map";
            schema["x-kubernetes-list-map-keys"] = new JsonArray(key.Field);
        }
        else
        {
            schema["x-kubernetes-list-type"] = "atomic";
        }

        return schema;
    }

    private static JsonNode DefaultOf(object? value) => value switch
    {
        bool boolean => JsonValue.Create(boolean),
        int number => JsonValue.Create(number),
        string text => JsonValue.Create(text),
        IntOrString { Text: { } text } => JsonValue.Create(text),
        IntOrString { Number: { } number } => JsonValue.Create(number),
        null => throw new InvalidOperationException("A defaulted property has an initial value."),
        _ => DefaultsOf(value),
    };

    /// <summary>
    /// An object's defaults in full: an API server runs the rules of the schema on a default as it is written, before it fills in the
    /// defaults below it, and refuses the CRD where a rule then misses a field.
    /// </summary>
    private static JsonObject DefaultsOf(object value)
    {
        var defaults = new JsonObject();
        foreach (var property in PropertiesOf(value.GetType()).Where(property => property.IsDefined(typeof(DefaultedAttribute))))
            defaults[NameOf(property)] = DefaultOf(property.GetValue(value));
        return defaults;
    }

    private static void AddDescription(JsonObject schema, MemberInfo member)
    {
        if (member.GetCustomAttribute<DescriptionAttribute>() is not { } description)
            return;
        schema.Remove("description");
        schema.Insert(0, "description", description.Description);
    }
}
