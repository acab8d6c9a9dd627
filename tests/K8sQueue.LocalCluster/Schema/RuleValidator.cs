using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Schema;

/// <summary>Runs x-kubernetes-validations as their registered C# predicates.</summary>
internal sealed class RuleValidator(IValidationRuleSource source)
{
    public void Validate(StructuralSchema schema, JsonNode? value, JsonNode? old, string path, List<FieldError> errors)
    {
        if (value is null)
            return;
        foreach (var rule in schema.Rules)
            Run(schema, rule, value, old, path, errors);
        switch (value)
        {
            case JsonObject map:
                foreach (var (name, child) in map)
                {
                    if (schema.Member(name) is { } member)
                        Validate(member, child, old.At(name), SchemaValidator.Join(path, name), errors);
                }

                break;
            case JsonArray list when schema.Items is { } items:
                for (var i = 0; i < list.Count; i++)
                    Validate(items, list[i], Counterpart(schema, list[i], old), $"{path}[{i}]", errors);
                break;
        }
    }

    private void Run(StructuralSchema schema, ValidationRule rule, JsonNode value, JsonNode? old, string path, List<FieldError> errors)
    {
        var isTransition = rule.Rule.Contains("oldSelf", StringComparison.Ordinal);
        if ((isTransition && old is null && !rule.OptionalOldSelf) || source.Find(rule.Rule) is not { } holds || holds(value, old))
            return;
        var message = rule.Message ?? $"failed rule: {rule.Rule}";
        var at = rule.FieldPath is { Length: > 0 } relative ? (path + relative).TrimStart('.') : path;
        errors.Add(rule.Reason switch
        {
            "FieldValueForbidden" => FieldError.Forbidden(at, message),
            "FieldValueRequired" => FieldError.Required(at, message),
            "FieldValueDuplicate" => FieldError.Duplicate(at, value),
            _ => value is JsonObject or JsonArray
                ? FieldError.InvalidType(at, schema.Type ?? "object", message, "FieldValueInvalid")
                : FieldError.Invalid(at, value, message),
        });
    }

    /// <summary>The item with the same keys; lists without keys have no counterparts.</summary>
    private static JsonNode? Counterpart(StructuralSchema schema, JsonNode? item, JsonNode? old)
    {
        if (schema.ListKind == ListKind.Atomic || old is not JsonArray before)
            return null;
        var element = Apply.FieldElement.Item(schema, item);
        return before.FirstOrDefault(b => Apply.FieldElement.Item(schema, b) == element);
    }
}
