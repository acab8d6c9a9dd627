using System.Text.Json;
using System.Text.Json.Nodes;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Kubernetes.Serialization;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Entities.Keda;
using K8sQueue.Operator.Tests.Fakes;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>The controllers of Deployments and ReplicaSets, and the garbage collector.</summary>
internal sealed class Workloads(Cluster cluster)
{
    private readonly Dictionary<string, V1Pod> _templates = new(StringComparer.Ordinal);
    private readonly ReplicaSetCache _cache = new(cluster);
    private int _pods;

    public IReadOnlyList<V1Deployment> Deployments => cluster.Api.Of<V1Deployment>().All;

    /// <summary>The Deployment controller: hands the size on, and reports.</summary>
    public void Scale(V1Deployment deployment)
    {
        if (ReplicaSetOf(deployment) is not { } set)
            cluster.Api.Of<V1ReplicaSet>().Add(NewReplicaSet(deployment));
        else if (set.Spec.Replicas != deployment.Spec.Replicas)
            cluster.Api.Edit<V1ReplicaSet>(set.Metadata.Name!, item => item.Spec = new V1ReplicaSetSpec { Replicas = deployment.Spec.Replicas }, isNewGeneration: true);
        Report(deployment);
    }

    private V1ReplicaSet? ReplicaSetOf(V1Deployment deployment) =>
        cluster.Api.Of<V1ReplicaSet>().Get(ReplicaSetNameOf(deployment));

    public static string ReplicaSetNameOf(V1Deployment deployment) => $"{deployment.Metadata.Name}-{deployment.Metadata.Uid}";

    private static V1ReplicaSet NewReplicaSet(V1Deployment deployment) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = ReplicaSetNameOf(deployment),
            Namespace = deployment.Metadata.Namespace,
            Labels = new() { [Labels.Pool] = deployment.Label(Labels.Pool)!, [Labels.Revision] = deployment.Label(Labels.Revision)! },
            OwnerReferences = [deployment.ToControllerReference()],
        },
        Spec = new V1ReplicaSetSpec { Replicas = deployment.Spec.Replicas },
    };

    /// <summary>The ReplicaSet controller hears what became of pods: of all deletions, or of some.</summary>
    public void Hear(bool isQuick) => _cache.Hear(isQuick ? int.MaxValue : cluster.Random.Next(0, 4));

    /// <summary>The ReplicaSet controller: as many pods as told that are neither deleted nor ended, whatever else is still there.</summary>
    public void Fill(V1Deployment deployment)
    {
        if (ReplicaSetOf(deployment) is not { } set)
            return;
        var wanted = set.Spec.Replicas ?? 0;
        var active = ActiveOf(deployment, _cache.Pods);
        if (_cache.IsSatisfied(set.Metadata.Uid!))
        {
            for (var i = active.Count; i < wanted; i++)
                _cache.Expect(Create(deployment), set.Metadata.Uid!);
            foreach (var victim in VictimOrder.Of(active).Take(active.Count - wanted).ToList())
                Remove(victim, set);
        }

        // As it does: by the pods that were there before.
        if (set.Status?.Replicas != active.Count || set.Status.ObservedGeneration != set.Metadata.Generation)
        {
            cluster.Api.Edit<V1ReplicaSet>(set.Metadata.Name!, item => item.Status = new V1ReplicaSetStatus
            {
                ObservedGeneration = set.Metadata.Generation,
                Replicas = active.Count,
            });
        }
    }

    private void Remove(V1Pod victim, V1ReplicaSet set)
    {
        var live = cluster.Api.Of<V1Pod>().Get(victim.Metadata.Name!);
        if (live is null)
            return;
        cluster.Trace($"replicaset: deletes {victim.Metadata.Name}");
        if (cluster.BusyOf(live) is { } busy)
            cluster.BusyVictim ??= $"The ReplicaSet deleted {busy}";
        _cache.Expect(live, set.Metadata.Uid!);
        cluster.Api.Delete<V1Pod>(victim.Metadata.Name!);
    }

    /// <summary>Deletes what an object owned that is gone.</summary>
    public void Collect()
    {
        Collect<V1Deployment>();
        Collect<V1ReplicaSet>();
        Collect<V1PodDisruptionBudget>();
        Collect<V1Alpha1ScaledObject>();
        Collect<V1Alpha1TriggerAuthentication>();
        Collect<V1Secret>();
        Collect<V1Pod>();
    }

    private void Collect<T>()
        where T : class, IKubernetesObject
    {
        foreach (var orphan in cluster.Api.Of<T>().All.Where(value => !value.IsDeleting() && OwnerIsGone(value)).ToList())
            cluster.Api.Delete<T>(orphan.Metadata.Name!);
    }

    private bool OwnerIsGone(IKubernetesObject value) => value.ControllerReference() is { } owner && owner.Kind switch
    {
        "Deployment" => !Deployments.Any(deployment => deployment.Metadata.Uid == owner.Uid),
        "ReplicaSet" => !cluster.Api.Of<V1ReplicaSet>().All.Any(set => set.Metadata.Uid == owner.Uid),
        "WorkerPool" => cluster.Api.Of<V1Alpha1WorkerPool>().Get(owner.Name)?.Metadata.Uid != owner.Uid,
        _ => false,
    };

    private List<V1Pod> ActiveOf(V1Deployment deployment, IEnumerable<V1Pod> pods) =>
        [.. pods.Where(pod => ReplicaSetOf(deployment) is { } set && pod.IsControlledBy(set)
            && Apis.LabelSelector.Matches(pod, Labels.Pool) && !pod.IsDeleting() && pod.Status?.Phase is not ("Succeeded" or "Failed"))];

    private void Report(V1Deployment deployment)
    {
        var active = ActiveOf(deployment, _cache.Pods);
        var ready = active.Count(pod => pod.Status?.Conditions.IsTrue("Ready") == true);
        var before = deployment.Status;
        if (before is not null && before.ObservedGeneration == deployment.Metadata.Generation && before.Replicas == active.Count && before.ReadyReplicas == ready)
            return;
        cluster.Api.Edit<V1Deployment>(deployment.Metadata.Name!, item => item.Status = new V1DeploymentStatus
        {
            ObservedGeneration = deployment.Metadata.Generation,
            Replicas = active.Count,
            ReadyReplicas = ready,
            AvailableReplicas = ready,
        });
    }

    private V1Pod Create(V1Deployment deployment)
    {
        if (!_templates.TryGetValue(deployment.Metadata.Uid!, out var template))
            _templates[deployment.Metadata.Uid!] = template = Template(deployment, ReplicaSetOf(deployment)!);
        var pod = Apis.Shallow.CopyObject(template);
        pod.Metadata.Name = FormattableString.Invariant($"{deployment.Metadata.Name}-{_pods++:000}");
        return cluster.Api.Of<V1Pod>().Add(pod);
    }

    private static V1Pod Template(V1Deployment deployment, V1ReplicaSet set)
    {
        var template = (JsonObject)deployment.Spec.Template!.DeepClone();
        template["metadata"]!["namespace"] = Samples.Namespace;
        template["status"] = new JsonObject { ["phase"] = "Pending" };
        var pod = template.Deserialize(OperatorJson.Options.TypeInfo<V1Pod>())!;
        (pod.ApiVersion, pod.Kind) = ("v1", "Pod");
        pod.Metadata.OwnerReferences =
        [
            new V1OwnerReference
            {
                ApiVersion = "apps/v1", Kind = "ReplicaSet", Name = set.Metadata.Name!, Uid = set.Metadata.Uid!, Controller = true,
            },
        ];
        return pod;
    }
}
