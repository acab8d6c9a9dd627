using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Enqueueing;

/// <summary>A request's job, and the answer that the request waits for: until it has it, or leaves.</summary>
internal sealed class WaitingJob : TaskCompletionSource<EnqueuedJob>
{
    private readonly CancellationToken _left;
    private readonly CancellationTokenRegistration _leaving;

    public WaitingJob(JobRequest job, CancellationToken cancellationToken)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        (Job, _left) = (job, cancellationToken);
        _leaving = cancellationToken.UnsafeRegister(static job => ((WaitingJob)job!).GiveUp(), this);
    }

    public JobRequest Job { get; }

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsGivenUp => _left.IsCancellationRequested;

    public void GiveUp() => TrySetCanceled(_left);

    public void Answer(EnqueuedJob job)
    {
        _leaving.Unregister();
        TrySetResult(job);
    }

    public void Fail(Exception failure)
    {
        _leaving.Unregister();
        TrySetException(failure);
    }
}
