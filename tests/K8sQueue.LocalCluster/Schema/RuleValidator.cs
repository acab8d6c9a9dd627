using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Admission;
using K8sQueue.LocalCluster.Apply;
using K8sQueue.LocalCluster.Objects;

namespace K8sQueue.LocalCluster.Schema;

/// <summary>Runs x-kubernetes-validations as their registered C# predicates.</summary>
internal sealed class RuleValidator(IValidationRuleSource source)
{
    private readonly ConditionalWeakTable<StructuralSchema, StrongBox<bool>> _hasRules = [];

    public void Validate(StructuralSchema schema, JsonNode? value, JsonNode? old, string path, List<FieldError> errors)
    {
        if (value is null || !HasRules(schema))
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
                var before = Items(schema, old);
                for (var i = 0; i < list.Count; i++)
                    Validate(items, list[i], Counterpart(schema, list[i], before), $"{path}[{i}]", errors);
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

    /// <summary>Whether the schema, or one within it, has a rule: most of a pod template need not be walked.</summary>
    private bool HasRules(StructuralSchema schema) => _hasRules.GetValue(schema, _ => new StrongBox<bool>(
        schema.Rules.Count > 0
        || (schema.Items is { } items && HasRules(items))
        || (schema.Values is { } values && HasRules(values))
        || schema.Properties.Values.Any(HasRules))).Value;

    /// <summary>The items by their keys; none of a list without keys.</summary>
    private static Dictionary<string, JsonNode?>? Items(StructuralSchema schema, JsonNode? list)
    {
        if (schema.ListKind == ListKind.Atomic || list is not JsonArray items)
            return null;
        var byKeys = new Dictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (FieldElement.Item(schema, item) is { } element)
                byKeys.TryAdd(element, item);
        }

        return byKeys;
    }

    private static JsonNode? Counterpart(StructuralSchema schema, JsonNode? item, Dictionary<string, JsonNode?>? before) =>
        before is not null && FieldElement.Item(schema, item) is { } element ? before.GetValueOrDefault(element) : null;
}
