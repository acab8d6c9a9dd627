using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Tests.Histories.Apis;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>The API and what truly runs.</summary>
internal sealed class Cluster(Api api, TimeProvider time, Random random, Action<string> trace)
{
    private readonly Dictionary<string, Worker> _byUid = new(StringComparer.Ordinal);
    private int _heard;

    public Api Api => api;

    public TimeProvider Time => time;

    public Random Random => random;

    /// <summary>Every worker that may still hold connections, and every pod there is.</summary>
    public List<Worker> Workers { get; } = [];

    public void Trace(string text) => trace(text);

    public Worker WorkerOf(V1Pod pod)
    {
        Observe();
        return _byUid[pod.Metadata.Uid!];
    }

    /// <summary>The worker's pod; null where the API has forgotten it.</summary>
    public V1Pod? PodOf(Worker worker) => api.Of<V1Pod>().Get(worker.Name) is { } pod && pod.Metadata.Uid == worker.Uid ? pod : null;

    public bool Chance(int oneIn) => random.Next(oneIn) == 0;

    /// <summary>One of those; null where there are none.</summary>
    public T? Any<T>(IEnumerable<T> among)
        where T : class
    {
        var list = among as IReadOnlyList<T> ?? [.. among];
        return list.Count == 0 ? null : list[random.Next(list.Count)];
    }

    /// <summary>The first busy worker that was deleted though only idle ones may go; null for none.</summary>
    public string? BusyVictim { get; set; }

    /// <summary>
    /// ReplicaSets of which a pod was taken away or given back (what comes back is one too many, and any may go for it), or that were lowered late.
    /// </summary>
    public HashSet<string> Isolated { get; } = [];

    /// <summary>A worker that a scale-in or a rollout must not delete, and what it runs; null where it may.</summary>
    public string? BusyOf(V1Pod pod) =>
        pod.Annotation("test/policy") == "IdleOnly" && !Isolated.Contains(pod.ControllerReference()?.Name ?? "") && !pod.IsDeleting() && WorkerOf(pod) is { State: ContainerState.Running, InFlight: > 0, HasSigterm: false } worker
            ? $"{worker.Name}, which runs {worker.InFlight} jobs."
            : null;

    /// <summary>Workers take jobs and finish them; those that are about to leave, or were told to, take none.</summary>
    public void Work(bool isQuick)
    {
        foreach (var worker in Workers.Where(worker => worker.State == ContainerState.Running))
        {
            var fetches = !worker.HasSigterm && !(worker.QuiescedUntil > time.GetUtcNow());
            if (isQuick)
                worker.InFlight = 0;
            else if (worker.InFlight > 0 && Chance(3))
                worker.InFlight--;
            else if (fetches && worker.InFlight < 2 && Chance(2))
                worker.InFlight++;
        }
    }

    /// <summary>Takes in what happened to pods at the API.</summary>
    public void Observe()
    {
        var changes = api.Of<V1Pod>().Changes;
        for (; _heard < changes.Count; _heard++)
            Observe(changes[_heard]);
    }

    private void Observe(ApiChange<V1Pod> change)
    {
        if (change.Before is null)
        {
            var pod = change.After!;
            var made = new Worker(pod.Metadata.Uid!, pod.Metadata.Name!, pod.Charges()!, pod.Spec.Containers![0].Image!) { IsGranted = !pod.IsGated() };
            _byUid[made.Uid] = made;
            Workers.Add(made);
            return;
        }

        var worker = _byUid[change.Before.Metadata.Uid!];
        if (change.After is { } after)
        {
            worker.IsGranted |= !after.IsGated();
            worker.Node = string.IsNullOrEmpty(after.Spec.NodeName) ? null : after.Spec.NodeName;
            return;
        }

        worker.GoneAt = time.GetUtcNow();
        Miss(worker);
        if (worker.Node is null)
            worker.State = ContainerState.Ended;
        Forget(worker);
    }

    /// <summary>What a worker is known by goes: a budget that is newer than it and has not recorded it yet never will.</summary>
    public void Miss(Worker worker) => worker.ForgottenBy.UnionWith(worker.NewBudgets.Where(budget => !IsRecorded(budget, worker)));

    private bool IsRecorded(string budget, Worker worker) => api.Of<V1Alpha1ConnectionBudget>().Get(budget) is { } live
        && ConnectionLedger.RecordedIn(live).Any(holder => holder.Uid == worker.Uid);

    /// <summary>Neither the API nor a node knows it any more.</summary>
    public void Forget(Worker worker)
    {
        if (worker.State == ContainerState.Ended && worker.GoneAt is not null)
        {
            Workers.Remove(worker);
            _byUid.Remove(worker.Uid);
        }
    }
}
