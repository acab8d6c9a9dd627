using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Tests.Histories.Apis;

namespace K8sQueue.Operator.Tests.Histories.Clusters;

/// <summary>The scheduler and the nodes' kubelets. A node that is cut off hears nothing and says nothing; what it runs, runs on.</summary>
internal sealed class Kubelets(Cluster cluster, Nodes nodes)
{
    /// <summary>Containers that were told to end.</summary>
    public int Sigterms { get; private set; }

    /// <summary>Binds a pod that has no gate and no node.</summary>
    public void Bind(V1Pod pod)
    {
        if (pod.Spec.SchedulingGates is { Count: > 0 } || pod.IsDeleting() || !string.IsNullOrEmpty(pod.Spec.NodeName) || nodes.Any() is not { } node)
            return;
        cluster.Api.Edit<V1Pod>(pod.Metadata.Name!, item =>
        {
            item.Spec = Shallow.Copy(item.Spec);
            item.Spec.NodeName = node;
        });
    }

    /// <summary>The next thing that a kubelet does about a worker.</summary>
    /// <param name="isQuick">Nothing is late, and nothing goes wrong.</param>
    public void Step(Worker worker, bool isQuick)
    {
        if (worker.Node is null || nodes.IsCutOff(worker.Node))
            return;
        var pod = cluster.PodOf(worker);
        if (worker.State == ContainerState.Ended)
        {
            ReportEnd(worker, pod);
            return;
        }

        var isUnwanted = pod is null || pod.IsDeleting() || worker.FailureReason is not null;
        if (worker.State == ContainerState.NotStarted)
            StepUnstarted(worker, isUnwanted, isQuick);
        else if (isUnwanted)
            Stop(worker, isQuick);
        else
            Probe(worker);
        if (cluster.PodOf(worker) is { } known && worker.State != ContainerState.Ended && (isQuick || !cluster.Chance(3)))
            Report(worker, known);
    }

    /// <summary>The kubelet's own eviction: the node lacks something.</summary>
    public void Evict(Worker worker)
    {
        if (worker.Node is not null && !nodes.IsCutOff(worker.Node) && worker.State != ContainerState.Ended)
            worker.FailureReason = "Evicted";
    }

    private void StepUnstarted(Worker worker, bool isUnwanted, bool isQuick)
    {
        // It may not have heard yet that the pod is not wanted any more.
        if (isUnwanted && (isQuick || !cluster.Chance(3)))
            End(worker, "NotStarted");
        else if (!isQuick && cluster.Chance(20))
            End(worker, "OutOfcpu");
        else
            worker.State = ContainerState.Running;
        cluster.Trace($"kubelet: {worker.Name} {worker.State}");
    }

    private void Stop(Worker worker, bool isQuick)
    {
        if (!worker.HasSigterm)
        {
            worker.HasSigterm = true;
            Sigterms++;
            cluster.Trace($"kubelet: SIGTERM to {worker.Name}");
        }
        else if (isQuick || cluster.Chance(3))
        {
            End(worker, worker.FailureReason);
            cluster.Trace($"kubelet: {worker.Name} has ended");
        }
    }

    private void Probe(Worker worker)
    {
        worker.IsReady = !worker.IsBad;
        if (worker.IsBad && cluster.Chance(3))
            worker.Restarts++;
    }

    private void End(Worker worker, string? reason)
    {
        worker.State = ContainerState.Ended;
        worker.IsReady = false;
        worker.FailureReason = reason;
        cluster.Forget(worker);
    }

    private void Report(Worker worker, V1Pod pod)
    {
        var status = PodStatuses.Of(worker, cluster.Api.Now);
        var isReady = pod.Status?.Conditions.IsTrue("Ready") == true;
        var restarts = pod.Status?.ContainerStatuses?.Sum(container => container.RestartCount) ?? -1;
        if (pod.Status?.Phase != status.Phase || isReady != worker.IsReady || restarts != worker.Restarts)
            cluster.Api.Edit<V1Pod>(pod.Metadata.Name!, item => item.Status = status);
    }

    /// <summary>First the last state, then, where somebody deleted it, the end of the object.</summary>
    private void ReportEnd(Worker worker, V1Pod? pod)
    {
        if (pod is null)
            cluster.Forget(worker);
        else if (pod.Status?.Phase is not ("Succeeded" or "Failed") || pod.Status.ContainerStatuses is not [{ State.Terminated: not null }])
            cluster.Api.Edit<V1Pod>(pod.Metadata.Name!, item => item.Status = PodStatuses.Of(worker, cluster.Api.Now));
        else if (pod.IsDeleting())
            cluster.Api.Delete<V1Pod>(pod.Metadata.Name!, new() { GracePeriodSeconds = 0, Uid = worker.Uid });
    }
}
