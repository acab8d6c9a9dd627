using System.Text.Json.Nodes;

namespace K8sQueue.LocalCluster.Admission;

/// <summary>
/// The C# twins of CEL rules. LocalCluster has no CEL interpreter: a rule of a CustomResourceDefinition runs as the predicate that is
/// registered under the rule's exact text.
/// </summary>
public interface IValidationRuleSource
{
    /// <summary>The predicate over self and, on an update, the old self; null where there is none for this text.</summary>
    Func<JsonNode, JsonNode?, bool>? Find(string cel);
}

/// <summary>Knows no rule.</summary>
public sealed class NoValidationRules : IValidationRuleSource
{
    public Func<JsonNode, JsonNode?, bool>? Find(string cel) => null;
}
