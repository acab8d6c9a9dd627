using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Schema;

/// <summary>Validates a value against a schema, with the messages of the real server's validator, then runs its rules.</summary>
internal sealed class SchemaValidator(RuleValidator rules)
{
    /// <param name="old">The value before, for transition rules; null at creation.</param>
    public void Validate(StructuralSchema schema, JsonObject value, JsonObject? old, ICollection<FieldError> errors)
    {
        var found = new List<FieldError>();
        Node(schema, value, "", found);
        if (found.Count == 0)
            rules.Validate(schema, value, old, "", found);
        foreach (var error in found)
            errors.Add(error);
    }

    private static void Node(StructuralSchema schema, JsonNode? value, string path, List<FieldError> errors)
    {
        if (value is null)
        {
            if (!schema.Nullable && schema.Type is not null)
                errors.Add(TypeError(schema, value, path));
            return;
        }

        if (!TypeChecker.Fits(schema, value))
        {
            errors.Add(TypeError(schema, value, path));
            return;
        }

        LimitChecks.Check(schema, value, path, errors, IsValid);
        switch (value)
        {
            case JsonObject map:
                Members(schema, map, path, errors);
                break;
            case JsonArray list:
                for (var i = 0; schema.Items is not null && i < list.Count; i++)
                    Node(schema.Items, list[i], $"{path}[{i}]", errors);
                LimitChecks.Unique(schema, list, path, errors);
                break;
        }
    }

    private static void Members(StructuralSchema schema, JsonObject map, string path, List<FieldError> errors)
    {
        foreach (var name in schema.Required)
        {
            if (!map.ContainsKey(name))
                errors.Add(FieldError.Required(Join(path, name)));
        }

        foreach (var (name, child) in map)
        {
            if (schema.Member(name) is { } member)
                Node(member, child, schema.Properties.ContainsKey(name) ? Join(path, name) : $"{path}.{name}".TrimStart('.'), errors);
        }
    }

    private static bool IsValid(StructuralSchema schema, JsonNode value, string path)
    {
        var errors = new List<FieldError>();
        Node(schema, value, path, errors);
        return errors.Count == 0;
    }

    private static FieldError TypeError(StructuralSchema schema, JsonNode? value, string path)
    {
        var wanted = schema.IntOrString ? "integer,string" : schema.Type ?? "any";
        var given = TypeChecker.Name(value);
        return FieldError.InvalidType(path, given, $"{path} in body must be of type {wanted}: \"{given}\"");
    }

    internal static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
