using System.Globalization;
using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.ReplicaSets;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Controllers.Deployments;

/// <summary>One ReplicaSet a pod template; RollingUpdate or Recreate from the old ones to the new one.</summary>
internal sealed class DeploymentController(IClusterApi api, EventRecorder events, TimeProvider time, ILogger<DeploymentController> logger)
    : Controller(api, time, logger)
{
    private const string Component = "deployment-controller";

    protected override IEnumerable<(GroupResource Resource, Func<ClusterEvent, IEnumerable<ObjectKey>> Keys)> Sources =>
    [
        (GroupResource.Deployments, Self),
        (GroupResource.ReplicaSets, c => ControllerOf(c.Object, "Deployment")),
    ];

    protected override TimeSpan? Reconcile(ObjectKey key)
    {
        if (Api.Get(GroupResource.Deployments, key.Namespace, key.Name) is not { } deployment)
            return null;
        var spec = DeploymentSpec.Of(deployment);
        var sets = OwnSets(deployment);
        var newSet = sets.Find(s => ReplicaSetBuilder.HasTemplateOf(s, deployment));
        if (!deployment.IsDeleting())
        {
            if (spec.Paused || IsScaling(spec, sets))
                Scale(deployment, spec, newSet, sets);
            else
                newSet = Roll(deployment, spec, newSet, sets);
            sets = OwnSets(deployment);
            newSet = sets.Find(s => s.Uid() == newSet?.Uid());
        }

        var now = Time.GetUtcNow();
        var status = DeploymentStatus.Of(deployment, spec, newSet, sets, now);
        Api.Modify(GroupResource.Deployments, key.Namespace, key.Name, d => d.Uid() == deployment.Uid() && d.Put(status, "status"), "status");
        return DeploymentStatus.UntilDeadline(spec, status, now);
    }

    private List<JsonObject> OwnSets(JsonObject deployment) =>
        [.. Api.List(GroupResource.ReplicaSets, deployment.Namespace(), LabelSelector.Show(deployment.MapAt("spec", "selector")))
            .Where(r => r.IsControlledBy(deployment))];

    private JsonObject? Roll(JsonObject deployment, DeploymentSpec spec, JsonObject? newSet, List<JsonObject> sets)
    {
        var old = sets.Where(s => s.Uid() != newSet?.Uid()).ToList();
        if (spec.Recreate)
        {
            foreach (var set in old)
                Resize(deployment, spec, set, 0);
            if (old.Any(HasPods))
                return newSet;
        }

        newSet = EnsureNewSet(deployment, spec, newSet, old);
        if (newSet is null)
            return null;
        var current = ReplicaSetStatus.Wanted(newSet);
        var total = current + old.Sum(ReplicaSetStatus.Wanted);
        var size = spec.Recreate ? spec.Replicas : RolloutMath.NewReplicas(spec.Replicas, spec.Surge, current, total);
        if (Resize(deployment, spec, newSet, size))
            return newSet;
        foreach (var (name, replicas) in RolloutMath.ShrinkOld(spec.Replicas, spec.Unavailable, Size(newSet), old.Select(Size)))
            Resize(deployment, spec, old.Find(o => o.Name() == name)!, replicas);
        CleanUp(spec, old);
        return newSet;
    }

    private JsonObject? EnsureNewSet(JsonObject deployment, DeploymentSpec spec, JsonObject? newSet, List<JsonObject> old)
    {
        var revision = old.Select(ReplicaSetBuilder.RevisionOf).DefaultIfEmpty().Max() + 1;
        if (newSet is null)
        {
            var size = spec.Recreate ? spec.Replicas : RolloutMath.NewReplicas(spec.Replicas, spec.Surge, 0, old.Sum(ReplicaSetStatus.Wanted));
            var collisions = deployment.IntegerAt("status", "collisionCount") ?? 0;
            var hash = TemplateHash.Of(deployment.MapAt("spec", "template") ?? [], collisions);
            try
            {
                newSet = Api.Create(GroupResource.ReplicaSets, ReplicaSetBuilder.Build(deployment, spec, hash, size, revision));
            }
            catch (ClusterApiException e) when (e.Reason == "AlreadyExists")
            {
                // Another template with this hash, or somebody else's object: the next hash counts the collision in.
                Api.Modify(GroupResource.Deployments, deployment.Namespace(), deployment.Name(), d => d.Put(collisions + 1, "status", "collisionCount"), "status");
                throw;
            }

            if (size > 0)
                Told(deployment, $"Scaled up replica set {newSet.Name()} from 0 to {size}");
        }
        else if (ReplicaSetBuilder.RevisionOf(newSet) < revision)
        {
            Annotate(GroupResource.ReplicaSets, newSet, ReplicaSetBuilder.Revision, ReplicaSetBuilder.Text(revision));
        }

        Annotate(
            GroupResource.Deployments, deployment, ReplicaSetBuilder.Revision,
            ReplicaSetBuilder.Text(Math.Max(revision, ReplicaSetBuilder.RevisionOf(newSet))));
        return newSet;
    }

    private void Scale(JsonObject deployment, DeploymentSpec spec, JsonObject? newSet, List<JsonObject> sets)
    {
        var active = sets.Where(s => ReplicaSetStatus.Wanted(s) > 0).ToList();
        if (active.Count <= 1)
        {
            if ((active.FirstOrDefault() ?? newSet ?? sets.MaxBy(ReplicaSetBuilder.RevisionOf)) is { } only)
                Resize(deployment, spec, only, spec.Replicas);
        }
        else if (newSet is not null && IsSaturated(spec, newSet))
        {
            foreach (var set in active.Where(s => s.Uid() != newSet.Uid()))
                Resize(deployment, spec, set, 0);
        }
        else if (!spec.Recreate)
        {
            var sizes = RolloutMath.ScaleProportionally(spec.Replicas, spec.Surge, [.. active.Select(Size)]);
            foreach (var set in active)
                Resize(deployment, spec, set, sizes[set.Name()]);
        }
    }

    /// <summary>The wanted size changed since an active ReplicaSet was last sized.</summary>
    private static bool IsScaling(DeploymentSpec spec, IEnumerable<JsonObject> sets) =>
        sets.Any(s => ReplicaSetStatus.Wanted(s) > 0
            && int.TryParse(s.Annotation(ReplicaSetBuilder.DesiredReplicas), CultureInfo.InvariantCulture, out var desired)
            && desired != spec.Replicas);

    private static bool IsSaturated(DeploymentSpec spec, JsonObject set) =>
        ReplicaSetStatus.Wanted(set) == spec.Replicas
        && set.Annotation(ReplicaSetBuilder.DesiredReplicas) == ReplicaSetBuilder.Text(spec.Replicas)
        && set.IntegerAt("status", "availableReplicas") == spec.Replicas;

    private bool HasPods(JsonObject set) =>
        Api.List(GroupResource.Pods, set.Namespace(), LabelSelector.Show(set.MapAt("spec", "selector")))
            .Any(p => p.IsControlledBy(set) && PodState.Phase(p) is not ("Succeeded" or "Failed"));

    private static ReplicaSetSize Size(JsonObject set) => new(
        set.Name(),
        ReplicaSetStatus.Wanted(set),
        set.IntegerAt("status", "availableReplicas") ?? 0,
        set.TimeAt("metadata", "creationTimestamp") ?? default,
        int.TryParse(set.Annotation(ReplicaSetBuilder.MaxReplicas), CultureInfo.InvariantCulture, out var max) ? max : 0);

    /// <summary>Writes the size and what it was made for; true where the size changed.</summary>
    private bool Resize(JsonObject deployment, DeploymentSpec spec, JsonObject set, int replicas)
    {
        var before = ReplicaSetStatus.Wanted(set);
        Api.Modify(GroupResource.ReplicaSets, set.Namespace(), set.Name(), r =>
            r.Uid() == set.Uid() && (r.Put(replicas, "spec", "replicas")
                | r.Put(ReplicaSetBuilder.Text(spec.Replicas), "metadata", "annotations", ReplicaSetBuilder.DesiredReplicas)
                | r.Put(ReplicaSetBuilder.Text(spec.Replicas + spec.Surge), "metadata", "annotations", ReplicaSetBuilder.MaxReplicas)));
        if (before == replicas)
            return false;
        Told(deployment, $"Scaled {(replicas > before ? "up" : "down")} replica set {set.Name()} from {before} to {replicas}");
        return true;
    }

    private void CleanUp(DeploymentSpec spec, List<JsonObject> old)
    {
        var idle = old
            .Where(s => ReplicaSetStatus.Wanted(s) == 0 && (s.IntegerAt("status", "replicas") ?? 0) == 0
                && s.NumberAt("status", "observedGeneration") >= s.Generation() && !s.IsDeleting())
            .OrderBy(ReplicaSetBuilder.RevisionOf)
            .ToList();
        foreach (var set in idle.Take(Math.Max(0, idle.Count - spec.HistoryLimit)))
            Api.Delete(GroupResource.ReplicaSets, set.Namespace(), set.Name(), set.Uid());
    }

    private void Annotate(GroupResource resource, JsonObject value, string name, string to) =>
        Api.Modify(resource, value.Namespace(), value.Name(), v => v.Uid() == value.Uid() && v.Put(to, "metadata", "annotations", name));

    private void Told(JsonObject deployment, string message) =>
        events.Record(Component, deployment, EventRecorder.Normal, "ScalingReplicaSet", message);
}
