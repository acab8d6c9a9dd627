using System.Text.Json.Nodes;
using K8sQueue.LocalCluster.Api;
using K8sQueue.LocalCluster.Controllers.Runtime;
using K8sQueue.LocalCluster.Objects;
using K8sQueue.LocalCluster.Selectors;

namespace K8sQueue.LocalCluster.Controllers.ReplicaSets;

/// <summary>
/// Keeps as many active pods as <c>spec.replicas</c> says. A pod that terminates, failed or was evicted is not counted, so its replacement is made at once,
/// while it still runs: what holds a limit must not count on anything else.
/// </summary>
internal sealed class ReplicaSetController(IClusterApi api, EventRecorder events, TimeProvider time, ILogger<ReplicaSetController> logger)
    : Controller(api, time, logger)
{
    private const string Component = "replicaset-controller";
    private static readonly TimeSpan FailureRetry = TimeSpan.FromSeconds(5);

    protected override IEnumerable<(GroupResource Resource, Func<ClusterEvent, IEnumerable<ObjectKey>> Keys)> Sources =>
    [
        (GroupResource.ReplicaSets, Self),
        (GroupResource.Pods, OwnersOf),
    ];

    protected override TimeSpan? Reconcile(ObjectKey key)
    {
        if (Api.Get(GroupResource.ReplicaSets, key.Namespace, key.Name) is not { } replicaSet)
            return null;
        var active = Claim(replicaSet).Where(PodState.IsActive).ToList();
        string? failure = null;
        if (!replicaSet.IsDeleting())
        {
            try
            {
                failure = Manage(replicaSet, active);
            }
            catch (ClusterApiException e)
            {
                failure = e.Message;
            }

            active = Claim(replicaSet).Where(PodState.IsActive).ToList();
        }

        var status = ReplicaSetStatus.Of(replicaSet, active, failure, Time.GetUtcNow());
        Api.Modify(GroupResource.ReplicaSets, key.Namespace, key.Name, r => r.Uid() == replicaSet.Uid() && r.Put(status, "status"), "status");
        return failure is null ? UntilAvailable(replicaSet, active) : FailureRetry;
    }

    private IEnumerable<ObjectKey> OwnersOf(ClusterEvent change)
    {
        var pod = change.Object;
        if (pod.ControllerReference() is not null)
            return ControllerOf(pod, "ReplicaSet");
        if (change.Type == "DELETED" || pod.Labels() is null)
            return [];
        return Api.List(GroupResource.ReplicaSets, pod.Namespace())
            .Where(r => LabelSelector.From(r.MapAt("spec", "selector")).Matches(pod.Labels()))
            .Select(r => r.Key());
    }

    /// <summary>The pods that are this ReplicaSet's: its own, and orphans that match its selector, which it adopts.</summary>
    private List<JsonObject> Claim(JsonObject replicaSet)
    {
        var selector = replicaSet.MapAt("spec", "selector");
        var claimed = new List<JsonObject>();
        foreach (var pod in Api.List(GroupResource.Pods, replicaSet.Namespace(), LabelSelector.Show(selector)))
        {
            if (pod.IsControlledBy(replicaSet))
                claimed.Add(pod);
            else if (pod.ControllerReference() is null && PodState.IsActive(pod) && !replicaSet.IsDeleting() && Adopt(replicaSet, pod) is { } adopted)
                claimed.Add(adopted);
        }

        return claimed;
    }

    private JsonObject? Adopt(JsonObject replicaSet, JsonObject pod) =>
        Api.Modify(GroupResource.Pods, pod.Namespace(), pod.Name(), p =>
        {
            if (p.Uid() != pod.Uid() || p.ControllerReference() is not null)
                return false;
            var metadata = p.Need("metadata");
            if (metadata["ownerReferences"] is not JsonArray owners)
                metadata["ownerReferences"] = owners = [];
            owners.Add(PodBuilder.ControllerReference(replicaSet));
            return true;
        });

    /// <summary>Creates or deletes pods; what the API refused, if it did.</summary>
    private string? Manage(JsonObject replicaSet, List<JsonObject> active)
    {
        var surplus = active.Count - ReplicaSetStatus.Wanted(replicaSet);
        if (surplus < 0)
            return CreatePods(replicaSet, -surplus);
        if (surplus > 0)
        {
            foreach (var pod in ScaleDownRanking.Order(active, Related(replicaSet, active), Time.GetUtcNow()).Take(surplus))
            {
                if (Api.Delete(GroupResource.Pods, pod.Namespace(), pod.Name(), pod.Uid()))
                    events.Record(Component, replicaSet, EventRecorder.Normal, "SuccessfulDelete", $"Deleted pod: {pod.Name()}");
            }
        }

        return null;
    }

    private string? CreatePods(JsonObject replicaSet, int count)
    {
        try
        {
            for (var i = 0; i < count; i++)
            {
                var pod = Api.Create(GroupResource.Pods, PodBuilder.FromTemplate(replicaSet));
                events.Record(Component, replicaSet, EventRecorder.Normal, "SuccessfulCreate", $"Created pod: {pod.Name()}");
            }

            return null;
        }
        catch (ClusterApiException e)
        {
            events.Record(Component, replicaSet, EventRecorder.Warning, "FailedCreate", $"Error creating: {e.Message}");
            return e.Message;
        }
    }

    private IEnumerable<JsonObject> Related(JsonObject replicaSet, List<JsonObject> active)
    {
        if (replicaSet.ControllerReference()?.TextAt("uid") is not { } owner)
            return active;
        var siblings = Api.List(GroupResource.ReplicaSets, replicaSet.Namespace())
            .Where(r => r.ControllerReference()?.TextAt("uid") == owner)
            .Select(r => r.Uid())
            .ToHashSet(StringComparer.Ordinal);
        return Api.List(GroupResource.Pods, replicaSet.Namespace())
            .Where(p => PodState.IsActive(p) && p.ControllerReference()?.TextAt("uid") is { } uid && siblings.Contains(uid));
    }

    /// <summary>With minReadySeconds, the time until the next ready pod counts as available.</summary>
    private TimeSpan? UntilAvailable(JsonObject replicaSet, List<JsonObject> active)
    {
        var minReady = replicaSet.IntegerAt("spec", "minReadySeconds") ?? 0;
        var now = Time.GetUtcNow();
        var waiting = active
            .Where(p => PodState.IsReady(p) && !PodState.IsAvailable(p, minReady, now))
            .Select(p => PodState.ReadySince(p)!.Value.AddSeconds(minReady) - now)
            .ToList();
        return waiting.Count == 0 ? null : waiting.Min();
    }
}
