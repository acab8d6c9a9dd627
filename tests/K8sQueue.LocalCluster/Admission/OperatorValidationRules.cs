using System.Text.Json.Nodes;
using K8sQueue.Operator.Entities.Validation;

namespace K8sQueue.LocalCluster.Admission;

/// <summary>The operator's rules, each of which is a pair of CEL and C#.</summary>
internal sealed class OperatorValidationRules : IValidationRuleSource
{
    public Func<JsonNode, JsonNode?, bool>? Find(string cel) => ValidationRules.Find(cel)?.Predicate;
}
