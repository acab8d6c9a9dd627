using System.Text.Json.Nodes;
using static K8sQueue.Operator.Admission.AdmissionTerms;

namespace K8sQueue.Operator.Admission;

/// <summary>The rules that guard the grant of connections against everybody but the operator.</summary>
public static class AdmissionRules
{
    private const string New = "object";
    private const string Old = "oldObject";
    private const string NoCreation = "request.operation != 'CREATE'";
    private const string NoUpdate = "request.operation != 'UPDATE'";
    private const string ByOperator = "request.userInfo.username in variables.operators";

    /// <summary>A pod that is charged is made with the gate.</summary>
    public static readonly AdmissionRule GateAtCreation = new(
        $"{NoCreation} || {ChargesCel(New)} == '' || {IsGatedCel(New)}",
        input => !input.IsCreation || Charges(input.Object).Length == 0 || IsGated(input.Object));

    /// <summary>A pod of a revision is made by the revision's ReplicaSet: one that only has its labels would be adopted, with what charges it likes.</summary>
    public static readonly AdmissionRule PodOfReplicaSet = new(
        $"{NoCreation} || {RevisionCel(New)} == '' || {HasControllerCel(New, "ReplicaSet", ReplicaSetNameCel(New))}",
        input => !input.IsCreation || Revision(input.Object).Length == 0 || HasController(input.Object, "ReplicaSet", ReplicaSetName(input.Object)));

    /// <summary>Only the operator takes the gate off.</summary>
    public static readonly AdmissionRule GateRemoval = new(
        $"{NoUpdate} || {ByOperator} || !{IsGatedCel(Old)} || {IsGatedCel(New)}",
        input => input.IsCreation || input.IsByOperator || !IsGated(input.OldObject) || IsGated(input.Object));

    /// <summary>What a pod is charged stays.</summary>
    public static readonly AdmissionRule ChargesStay = new(
        $"{NoUpdate} || {ChargesCel(New)} == {ChargesCel(Old)}",
        input => input.IsCreation || Charges(input.Object) == Charges(input.OldObject));

    /// <summary>A gated pod stays its pool's: without the label the policy would not look at it any more.</summary>
    public static readonly AdmissionRule PoolStays = new(
        $"{NoUpdate} || !{IsGatedCel(Old)} || {PoolCel(New)} == {PoolCel(Old)}",
        input => input.IsCreation || !IsGated(input.OldObject) || Pool(input.Object) == Pool(input.OldObject));

    /// <summary>A pod may leave its pool or revision, and never joins one: it was made without the pool's gate and charges.</summary>
    public static readonly AdmissionRule NobodyJoins = new(
        $"{NoUpdate} || (({PoolCel(New)} == '' || {PoolCel(New)} == {PoolCel(Old)})"
        + $" && ({RevisionCel(New)} == '' || {RevisionCel(New)} == {RevisionCel(Old)}))",
        input => input.IsCreation || (StaysOrGoes(Pool(input.Object), Pool(input.OldObject)) && StaysOrGoes(Revision(input.Object), Revision(input.OldObject))));

    /// <summary>The Deployment of a revision is the operator's to make.</summary>
    public static readonly AdmissionRule DeploymentOfOperator = new(
        $"{NoCreation} || {ByOperator}",
        input => !input.IsCreation || input.IsByOperator);

    /// <summary>The ReplicaSet of a revision is made for the revision's Deployment.</summary>
    public static readonly AdmissionRule ReplicaSetOfDeployment = new(
        $"{NoCreation} || {HasControllerCel(New, "Deployment", DeploymentNameCel(New))}",
        input => !input.IsCreation || HasController(input.Object, "Deployment", DeploymentName(input.Object)));

    /// <summary>A revision's template is never changed, neither its Deployment's nor its ReplicaSet's.</summary>
    public static readonly AdmissionRule TemplateStays = new(
        $"{NoUpdate} || object.spec.template == oldObject.spec.template",
        input => input.IsCreation || JsonNode.DeepEquals(input.Object["spec"]?["template"], input.OldObject?["spec"]?["template"]));

    /// <summary>A revision stays one: without the labels the policies would not look at it any more.</summary>
    public static readonly AdmissionRule LabelsStay = new(
        $"{NoUpdate} || ({PoolCel(New)} == {PoolCel(Old)} && {RevisionCel(New)} == {RevisionCel(Old)})",
        input => input.IsCreation || (Pool(input.Object) == Pool(input.OldObject) && Revision(input.Object) == Revision(input.OldObject)));

    public static IReadOnlyList<AdmissionRule> All { get; } =
    [
        GateAtCreation, PodOfReplicaSet, GateRemoval, ChargesStay, PoolStays, NobodyJoins,
        DeploymentOfOperator, ReplicaSetOfDeployment, TemplateStays, LabelsStay,
    ];

    /// <summary>The rule of a CEL text; null where there is none.</summary>
    public static AdmissionRule? Find(string cel) => All.FirstOrDefault(rule => rule.Cel == cel);

    private static bool StaysOrGoes(string value, string old) => value.Length == 0 || value == old;
}
