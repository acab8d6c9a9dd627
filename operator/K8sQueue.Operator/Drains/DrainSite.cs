using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Controllers.WorkerPools;
using K8sQueue.Operator.Resources.Pods;

namespace K8sQueue.Operator.Drains;

/// <summary>The Deployment that a step of a scale-in is about.</summary>
/// <param name="Clock">Now, by a clock that only moves on.</param>
internal sealed record DrainSite(PoolPass Pass, V1Deployment Deployment, int? Port, DateTimeOffset Now, TimeSpan Clock)
{
    public DrainMemory Memory => Pass.Memory.Drains;

    public NamespacedName Key => new(Pass.Namespace, Pass.Name);

    /// <summary>Its pods are made with the gate.</summary>
    public bool IsGated { get; } =
        (Deployment.Spec.Template.At("spec").At("schedulingGates") as JsonArray)?.Named(Labels.ConnectionsGate) is not null;

    /// <summary>No pod may go that could run unseen.</summary>
    public bool IsExact => IsGated || Pass.Spec.Drain.TakesIdleOnly;

    public WorkerEndpoint? EndpointOf(V1Pod pod) =>
        Port is { } port && pod.Status?.PodIP is { Length: > 0 } address ? new WorkerEndpoint(Key, address, port) : null;
}
