using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Access;
using K8sQueue.LocalCluster.Api;

namespace K8sQueue.LocalCluster.Admission;

public enum AdmissionOperation
{
    Create,
    Update,
    Delete,
}

/// <summary>A write about to happen, as a validating webhook sees it. The trees must not be changed.</summary>
/// <param name="Subresource">null for the object itself, else for example "status" or "scale".</param>
/// <param name="Object">What is about to be stored; null for a deletion.</param>
/// <param name="OldObject">What is stored; null for a creation.</param>
/// <param name="User">Who writes; null for a deletion.</param>
public sealed record AdmissionRequest(
    GroupResource Resource, AdmissionOperation Operation, string? Subresource, JsonObject? Object, JsonObject? OldObject, ClusterUser? User);

/// <summary>
/// Takes the place of a validating webhook. Registered as a service; called after the schema's validation, before the write, also for
/// dry runs. It may read through <see cref="IClusterApi"/>.
/// </summary>
public interface IAdmissionValidator
{
    /// <exception cref="ClusterApiException">The write is refused, with this error.</exception>
    void Validate(AdmissionRequest request);
}
