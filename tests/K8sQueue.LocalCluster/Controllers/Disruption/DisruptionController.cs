using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.ReplicaSets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Controllers.Disruption;

/// <summary>Keeps the status of PodDisruptionBudgets, which evictions go by.</summary>
internal sealed class DisruptionController(IClusterApi api, TimeProvider time, ILogger<DisruptionController> logger)
    : Controller(api, time, logger)
{
    // Read once however many changes ask; stored objects never change.
    private readonly ConditionalWeakTable<JsonObject, LabelSelector> _selectors = [];

    protected override IEnumerable<(GroupResource Resource, Func<ClusterEvent, IEnumerable<ObjectKey>> Keys)> Sources =>
    [
        (GroupResource.PodDisruptionBudgets, Self),
        (GroupResource.Pods, c => BudgetsOf(c.Object.Namespace(), c.Object.Labels())),
        (GroupResource.ReplicaSets, c => BudgetsOf(c.Object.Namespace(), c.Object.MapAt("spec", "template", "metadata", "labels"))),
    ];

    private IEnumerable<ObjectKey> BudgetsOf(string? @namespace, JsonObject? labels) =>
        Api.List(GroupResource.PodDisruptionBudgets, @namespace).Where(budget => SelectorOf(budget).Matches(labels)).Select(budget => budget.Key());

    private LabelSelector SelectorOf(JsonObject budget) => budget.MapAt("spec", "selector") is { } selector
        ? _selectors.GetValue(selector, LabelSelector.From)
        : LabelSelector.Nothing;

    protected override TimeSpan? Reconcile(ObjectKey key)
    {
        if (Api.Get(GroupResource.PodDisruptionBudgets, key.Namespace, key.Name) is not { } budget || budget.IsDeleting())
            return null;
        var selector = LabelSelector.From(budget.MapAt("spec", "selector"));
        var pods = Api.List(GroupResource.Pods, key.Namespace)
            .Where(p => selector.Matches(p.Labels()) && PodState.Phase(p) is not ("Succeeded" or "Failed"))
            .ToList();
        var now = Time.GetUtcNow();
        var healthy = pods.Count(p => !p.IsDeleting() && PodState.IsReady(p));
        var math = DisruptionBudgetMath.Of(budget, pods.Count, Wanted(pods), healthy);
        Api.Modify(GroupResource.PodDisruptionBudgets, key.Namespace, key.Name, b => Write(b, math, now), "status");
        return null;
    }

    /// <summary>The sizes that the pods' controllers want; a pod of no controller counts as one.</summary>
    private int Wanted(List<JsonObject> pods)
    {
        var owners = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var pod in pods)
        {
            if (Root(pod) is { } owner)
                owners[owner.Uid()] = ReplicaSetStatus.Wanted(owner);
            else
                owners[pod.Uid()] = 1;
        }

        return owners.Values.Sum();
    }

    private JsonObject? Root(JsonObject pod)
    {
        if (pod.ControllerReference() is not { } reference || reference.TextAt("kind") != "ReplicaSet"
            || Api.Get(GroupResource.ReplicaSets, pod.Namespace(), reference.TextAt("name")!) is not { } set)
        {
            return null;
        }

        return set.ControllerReference() is { } deployment && deployment.TextAt("kind") == "Deployment"
            ? Api.Get(GroupResource.Deployments, pod.Namespace(), deployment.TextAt("name")!) ?? set
            : set;
    }

    private static bool Write(JsonObject budget, DisruptionBudgetMath math, DateTimeOffset now)
    {
        var status = budget.Need("status");
        return status.Put(math.ExpectedPods, "expectedPods")
            | status.Put(math.CurrentHealthy, "currentHealthy")
            | status.Put(math.DesiredHealthy, "desiredHealthy")
            | status.Put(math.DisruptionsAllowed, "disruptionsAllowed")
            | status.Put(budget.Generation(), "observedGeneration")
            | (math.DisruptionsAllowed > 0
                ? StatusConditions.Set(status, "DisruptionAllowed", "True", "SufficientPods", null, now)
                : StatusConditions.Set(status, "DisruptionAllowed", "False", "InsufficientPods", null, now));
    }
}
