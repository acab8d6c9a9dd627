using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Entities.Validation;

/// <summary>
/// One rule of a CRD, twice: the CEL text that a real API server runs, and the same in C#, which the stand-in of
/// tests/K8sQueue.LocalCluster runs.
/// </summary>
/// <param name="Cel">The rule; it must evaluate to true. Unique: a server finds the predicate by it.</param>
/// <param name="Message">What the API server says when it does not hold; names the field and what to do.</param>
/// <param name="Predicate">The rule on the value that it hangs on (<c>self</c>), after defaulting, and that value's predecessor
/// (<c>oldSelf</c>; null at creation).</param>
public sealed record ValidationRule(string Cel, string Message, Func<JsonNode, JsonNode?, bool> Predicate);
