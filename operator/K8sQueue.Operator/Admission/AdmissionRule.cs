using System.Text.Json.Nodes;

namespace K8sQueue.Operator.Admission;

/// <summary>A write, as a ValidatingAdmissionPolicy sees it.</summary>
/// <param name="IsCreation">CREATE; UPDATE otherwise.</param>
/// <param name="Object">What is about to be stored.</param>
/// <param name="OldObject">What is stored; null for a creation.</param>
/// <param name="User">Who writes: <c>request.userInfo.username</c>.</param>
/// <param name="Operators">Who the operator is, one name for each that is installed: <c>variables.operators</c> of the policy.</param>
public sealed record AdmissionInput(bool IsCreation, JsonObject Object, JsonObject? OldObject, string User, IReadOnlyList<string> Operators)
{
    public bool IsByOperator => Operators.Contains(User);
}

/// <summary>
/// A validation of a ValidatingAdmissionPolicy in <c>deploy/operator</c>, twice: the CEL text that the API server runs, and the same in C# for
/// LocalCluster, which has no CEL. The end-to-end suite over a real API server shows that both agree.
/// </summary>
/// <param name="Cel">The expression, exactly as in the policy.</param>
/// <param name="Predicate">True where the write may go on.</param>
public sealed record AdmissionRule(string Cel, Func<AdmissionInput, bool> Predicate);
