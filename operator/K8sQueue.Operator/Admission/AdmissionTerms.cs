using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Admission;

/// <summary>What the rules ask of an object, each twice: as CEL over <c>object</c> or <c>oldObject</c>, and in C#. What is missing is the empty text.</summary>
internal static class AdmissionTerms
{
    private const string TemplateHash = "pod-template-hash";

    public static string IsGatedCel(string target) =>
        $"(has({target}.spec.schedulingGates) && {target}.spec.schedulingGates.exists(g, g.name == '{Labels.ConnectionsGate}'))";

    public static bool IsGated(JsonObject? pod) =>
        pod?["spec"]?["schedulingGates"] is JsonArray gates && gates.Any(gate => (string?)gate?["name"] == Labels.ConnectionsGate);

    public static string ChargesCel(string target) => EntryCel(target, "annotations", Labels.Charges);

    public static string Charges(JsonObject? value) => Entry(value, "annotations", Labels.Charges);

    public static string PoolCel(string target) => EntryCel(target, "labels", Labels.Pool);

    public static string Pool(JsonObject? value) => Entry(value, "labels", Labels.Pool);

    public static string RevisionCel(string target) => EntryCel(target, "labels", Labels.Revision);

    public static string Revision(JsonObject? value) => Entry(value, "labels", Labels.Revision);

    /// <summary>As <see cref="Resources.ChildMetadata.DeploymentName"/> has it.</summary>
    public static string DeploymentNameCel(string target) => $"{PoolCel(target)} + '-' + {RevisionCel(target)}";

    public static string DeploymentName(JsonObject? value) => $"{Pool(value)}-{Revision(value)}";

    /// <summary>As the Deployment's controller has it.</summary>
    public static string ReplicaSetNameCel(string target) => $"{DeploymentNameCel(target)} + '-' + {EntryCel(target, "labels", TemplateHash)}";

    public static string ReplicaSetName(JsonObject? value) => $"{DeploymentName(value)}-{Entry(value, "labels", TemplateHash)}";

    public static string HasControllerCel(string target, string kind, string nameCel) =>
        $"(has({target}.metadata.ownerReferences) && {target}.metadata.ownerReferences.exists(o, has(o.controller) && o.controller"
        + $" && o.apiVersion == 'apps/v1' && o.kind == '{kind}' && o.name == {nameCel}))";

    public static bool HasController(JsonObject? value, string kind, string name) =>
        value?["metadata"]?["ownerReferences"] is JsonArray owners && owners.Any(owner =>
            (bool?)owner?["controller"] == true && (string?)owner["apiVersion"] == "apps/v1"
            && (string?)owner["kind"] == kind && (string?)owner["name"] == name);

    private static string EntryCel(string target, string map, string key) =>
        $"(has({target}.metadata.{map}) && '{key}' in {target}.metadata.{map} ? {target}.metadata.{map}['{key}'] : '')";

    private static string Entry(JsonObject? value, string map, string key) => (string?)value?["metadata"]?[map]?[key] ?? "";
}
