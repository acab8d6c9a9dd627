using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Admission;

/// <summary>The rules that guard the grant of connections against everybody but the operator.</summary>
public static class AdmissionRules
{
    private const string HasGate = "has({0}.spec.schedulingGates) && {0}.spec.schedulingGates.exists(g, g.name == 'k8squeue.io/connections')";

    private const string ChargesOf =
        "(has({0}.metadata.annotations) && 'k8squeue.io/charges' in {0}.metadata.annotations ? {0}.metadata.annotations['k8squeue.io/charges'] : '')";

    private const string PoolOf =
        "(has({0}.metadata.labels) && 'k8squeue.io/pool' in {0}.metadata.labels ? {0}.metadata.labels['k8squeue.io/pool'] : '')";

    /// <summary>A pod that is charged is made with the gate.</summary>
    public static readonly AdmissionRule GateAtCreation = new(
        $"request.operation != 'CREATE' || {On(ChargesOf, "object")} == '' || ({On(HasGate, "object")})",
        input => !input.IsCreation || Charges(input.Object).Length == 0 || IsGated(input.Object));

    /// <summary>Only the operator takes the gate off.</summary>
    public static readonly AdmissionRule GateRemoval = new(
        $"request.operation != 'UPDATE' || request.userInfo.username == variables.operator || !({On(HasGate, "oldObject")}) || ({On(HasGate, "object")})",
        input => input.IsCreation || input.User == input.Operator || !IsGated(input.OldObject) || IsGated(input.Object));

    /// <summary>What a pod is charged stays.</summary>
    public static readonly AdmissionRule ChargesStay = new(
        $"request.operation != 'UPDATE' || {On(ChargesOf, "object")} == {On(ChargesOf, "oldObject")}",
        input => input.IsCreation || Charges(input.Object) == Charges(input.OldObject));

    /// <summary>A gated pod stays its pool's: without the label the policy would not look at it any more.</summary>
    public static readonly AdmissionRule PoolStays = new(
        $"request.operation != 'UPDATE' || !({On(HasGate, "oldObject")}) || {On(PoolOf, "object")} == {On(PoolOf, "oldObject")}",
        input => input.IsCreation || !IsGated(input.OldObject) || Pool(input.Object) == Pool(input.OldObject));

    /// <summary>A revision's template is never changed.</summary>
    public static readonly AdmissionRule TemplateStays = new(
        "object.spec.template == oldObject.spec.template",
        input => JsonNode.DeepEquals(input.Object["spec"]?["template"], input.OldObject?["spec"]?["template"]));

    public static IReadOnlyList<AdmissionRule> All { get; } = [GateAtCreation, GateRemoval, ChargesStay, PoolStays, TemplateStays];

    /// <summary>The rule of a CEL text; null where there is none.</summary>
    public static AdmissionRule? Find(string cel) => All.FirstOrDefault(rule => rule.Cel == cel);

    private static string On(string cel, string target) => cel.Replace("{0}", target, StringComparison.Ordinal);

    private static bool IsGated(JsonObject? pod) =>
        pod?["spec"]?["schedulingGates"] is JsonArray gates && gates.Any(gate => (string?)gate?["name"] == Labels.ConnectionsGate);

    private static string Charges(JsonObject? value) => (string?)value?["metadata"]?["annotations"]?[Labels.Charges] ?? "";

    private static string Pool(JsonObject? value) => (string?)value?["metadata"]?["labels"]?[Labels.Pool] ?? "";
}
