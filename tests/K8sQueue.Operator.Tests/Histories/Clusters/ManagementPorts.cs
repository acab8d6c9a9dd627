using System.Globalization;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Drains;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>The workers' management ports, by the address that is the pod's name.</summary>
internal sealed class ManagementPorts(Cluster cluster) : IWorkerManagement
{
    public Task<WorkerAnswer> AskAsync(WorkerEndpoint worker, CancellationToken cancellationToken) => Answer(worker, _ => { });

    public Task<WorkerAnswer> QuiesceAsync(WorkerEndpoint worker, TimeSpan time, string? heldAt, CancellationToken cancellationToken) =>
        Answer(worker, known => known.Quiesce(cluster.Time.GetUtcNow() + time, Version(heldAt)));

    public Task<WorkerAnswer> ResumeAsync(WorkerEndpoint worker, string? seenAt, CancellationToken cancellationToken) =>
        Answer(worker, known => known.Resume(Version(seenAt)));

    public void Forget(NamespacedName pool)
    {
    }

    private static long? Version(string? text) => text is null ? null : long.Parse(text, CultureInfo.InvariantCulture);

    private Task<WorkerAnswer> Answer(WorkerEndpoint endpoint, Action<Worker> change)
    {
        var worker = cluster.Workers.Find(known => known.Name == endpoint.Address);
        if (worker is not { State: ContainerState.Running } || cluster.Chance(10))
            return Task.FromResult<WorkerAnswer>(new WorkerAnswer.Silence("no answer"));
        change(worker);
        return Task.FromResult<WorkerAnswer>(new WorkerAnswer.Report(
            worker.InFlight, worker.QuiescedUntil > cluster.Time.GetUtcNow(), worker.HasSigterm));
    }
}
