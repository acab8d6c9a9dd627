using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Resources.Pods;

/// <summary>The pod template of a revision: the user's, with the labels, the gate, the charges and what a worker needs to know.</summary>
internal static class PodTemplateBuilder
{
    public const string WorkerContainer = "worker";

    /// <summary>Seconds between the drain's end and SIGKILL: what a worker needs to hand back and leave.</summary>
    private const int GraceMarginSeconds = 30;

    public static JsonObject Build(V1Alpha1WorkerPool pool, string revision, IReadOnlyList<PoolCharge> charges)
    {
        var template = OperatorJson.ToObject(pool.Spec.Template);
        var metadata = template.Object("metadata");
        var labels = metadata.Object("labels");
        labels[Labels.Pool] = pool.Metadata.Name;
        labels[Labels.Revision] = revision;
        var spec = template.Object("spec");
        if (charges.Count > 0 || pool.Spec.Drain.TakesIdleOnly)
        {
            metadata.Object("annotations")[Labels.Charges] = ChargesOf(charges);
            spec.List("schedulingGates").Add(new JsonObject { ["name"] = Labels.ConnectionsGate });
        }

        spec["terminationGracePeriodSeconds"] = GraceSecondsOf(pool.Spec);
        var worker = WorkerContainers.Of(spec.List("containers")) ?? throw new InvalidOperationException("'containers' has no container.");
        WorkerEnvironment.AddTo(spec, worker, pool);
        // Other people's images have no management port: a probe on it would only kill them.
        if (pool.Spec.Queues.Exists(queue => queue.K8squeue is not null))
            WorkerProbes.AddTo(worker);
        PodSecurity.AddTo(spec);
        return template;
    }

    /// <summary>Seconds between SIGTERM and SIGKILL.</summary>
    public static long GraceSecondsOf(WorkerPoolSpec spec) =>
        Math.Max(spec.Template.Spec.TerminationGracePeriodSeconds ?? 0, spec.Drain.TimeoutSeconds + GraceMarginSeconds);

    private static string ChargesOf(IEnumerable<PoolCharge> charges) =>
        JsonSerializer.Serialize(
            new SortedDictionary<string, int>(
                charges.ToDictionary(charge => charge.Budget, charge => charge.PerReplica), StringComparer.Ordinal),
            OperatorJsonContext.Default.SortedDictionaryStringInt32);
}
