using K8sQueue.Kubernetes.Client;
using K8sQueue.Kubernetes.Models;
using K8sQueue.Operator.Budgets;
using K8sQueue.Operator.Drains;
using K8sQueue.Operator.Entities;
using K8sQueue.Operator.Status;

namespace K8sQueue.Operator.Controllers.WorkerPools;

/// <summary>One reconciliation of a pool: what was found wrong, and when to look again.</summary>
internal sealed class PoolPass(V1Alpha1WorkerPool pool, PoolMemory memory)
{
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    private readonly List<PoolProblem> _problems = [];

    public V1Alpha1WorkerPool Pool => pool;

    public WorkerPoolSpec Spec => pool.Spec;

    public string Name => pool.Metadata.Name!;

    public string Namespace => pool.Metadata.Namespace!;

    public PoolMemory Memory => memory;

    /// <summary>What each replica takes of which budget.</summary>
    public required IReadOnlyList<PoolCharge> Charges { get; init; }

    /// <summary>Cancelled where another is to go on from here: what is under way ends, and no more is begun that takes long.</summary>
    public CancellationToken Stopping { get; init; }

    /// <summary>Worst first.</summary>
    public IReadOnlyList<PoolProblem> Problems => _problems;

    public PoolProblem? ScalingProblem { get; set; }

    /// <summary>The condition Monitored, as it was until it is looked at; null for none.</summary>
    public V1Condition? Monitored { get; set; }

    /// <summary>The pool's Deployments, the one of the spec's revision included.</summary>
    public List<V1Deployment> Deployments { get; } = [];

    public TimeSpan? RequeueAfter { get; private set; }

    /// <summary>The first failure that nobody foresaw; null for none.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Its workers can be asked how busy they are.</summary>
    public bool IsManaged => ManagementPort.IsServedBy(Spec);

    public void Report(string reason, string message)
    {
        if (!_problems.Exists(problem => problem.Reason == reason && problem.Message == message))
            _problems.Add(new PoolProblem(reason, message));
    }

    /// <summary>Does a part of the pass. Where the server won't have it, that is reported, and the parts after it have their turn.</summary>
    /// <param name="failure">What it means if it fails: a clause.</param>
    public async Task AttemptAsync(string failure, Func<Task> part)
    {
        try
        {
            await part().ConfigureAwait(false);
        }
        catch (KubernetesApiException e)
        {
            ReportFailure(failure, e);
        }
    }

    /// <summary>
    /// Does a part of the pass that may fail as nobody foresaw. That is reported, without the message, which is not known to be free of credentials,
    /// and the parts after it have their turn.
    /// </summary>
    /// <param name="failure">What it means if it fails: a clause.</param>
    public async Task GuardAsync(string failure, Func<Task> part)
    {
        try
        {
            await part().ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException and not KubernetesApiException)
        {
            Report(Reasons.PassFailed, $"{failure}: {e.GetType().Name}. It is tried again; the operator's log has more.");
            LookAgain(Retry);
            Failure ??= e;
        }
    }

    /// <summary>A write that came too late is only done again.</summary>
    public void ReportFailure(string failure, KubernetesApiException e)
    {
        if (e.IsConflict || e.IsNotFound)
        {
            LookAgain(Soon);
            return;
        }

        Report(Reasons.ApiCallFailed, $"{failure}: {e.Message}");
        LookAgain(e.RetryAfter ?? Retry);
    }

    /// <summary>There is something in a child's place that is not the pool's.</summary>
    public PoolProblem? ReportStranger(ChildOutcome outcome, string kind, string name)
    {
        if (StrangerOf(outcome, kind, name) is not { } problem)
            return null;
        Report(problem.Reason, problem.Message);
        LookAgain(outcome == ChildOutcome.Former ? Soon : Retry);
        return problem;
    }

    /// <summary>What is wrong where something that is not the pool's is in a child's place; null where nothing is.</summary>
    public static PoolProblem? StrangerOf(ChildOutcome outcome, string kind, string name) => outcome switch
    {
        ChildOutcome.Foreign => new(
            Reasons.ChildConflict,
            $"There is a {kind} '{name}' that is not this pool's, and it is left alone: delete or rename it, or rename the pool."),
        ChildOutcome.Former => new(
            Reasons.WaitingForCollection,
            $"The {kind} '{name}' of an earlier pool of this name has yet to be collected as garbage."),
        _ => null,
    };

    /// <summary>The earliest of all that is asked for counts.</summary>
    public void LookAgain(TimeSpan? after)
    {
        if (after is { } delay && (RequeueAfter is null || delay < RequeueAfter))
            RequeueAfter = delay < TimeSpan.FromMilliseconds(100) ? TimeSpan.FromMilliseconds(100) : delay;
    }
}
