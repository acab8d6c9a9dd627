using K8sQueue.Core.Jobs;

namespace K8sQueue.Api.Enqueueing;

/// <summary>A request's job, and the answer that the request waits for.</summary>
internal sealed class WaitingJob(JobRequest job, CancellationToken cancellationToken)
    : TaskCompletionSource<EnqueuedJob>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    public JobRequest Job => job;

    /// <summary>Whether nobody waits for it any more.</summary>
    public bool IsGivenUp => cancellationToken.IsCancellationRequested;

    public void GiveUp() => TrySetCanceled(cancellationToken);
}
