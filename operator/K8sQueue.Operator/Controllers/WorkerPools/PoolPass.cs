using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>One reconciliation of a pool: what was found wrong, and when to look again.</summary>
internal sealed class PoolPass(V1Alpha1WorkerPool pool, PoolMemory memory)
{
    private readonly List<PoolProblem> _problems = [];

    public V1Alpha1WorkerPool Pool => pool;

    public WorkerPoolSpec Spec => pool.Spec;

    public string Name => pool.Metadata.Name!;

    public string Namespace => pool.Metadata.Namespace!;

    public PoolMemory Memory => memory;

    /// <summary>Worst first.</summary>
    public IReadOnlyList<PoolProblem> Problems => _problems;

    public PoolProblem? ScalingProblem { get; set; }

    /// <summary>The pool's Deployments, the one of the spec's revision included.</summary>
    public List<V1Deployment> Deployments { get; } = [];

    public TimeSpan? RequeueAfter { get; private set; }

    public bool IsNative => Spec.Queues.Exists(queue => queue.K8squeue is not null);

    public void Report(string reason, string message)
    {
        if (!_problems.Exists(problem => problem.Reason == reason && problem.Message == message))
            _problems.Add(new PoolProblem(reason, message));
    }

    /// <summary>The earliest of all that is asked for counts.</summary>
    public void LookAgain(TimeSpan? after)
    {
        if (after is { } delay && (RequeueAfter is null || delay < RequeueAfter))
            RequeueAfter = delay < TimeSpan.FromMilliseconds(100) ? TimeSpan.FromMilliseconds(100) : delay;
    }
}
