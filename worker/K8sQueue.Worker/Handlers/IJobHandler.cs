namespace K8sQueue.Worker.Handlers;

/// <summary>Runs jobs of one type. Made anew for each job, in a service scope of its own.</summary>
/// <typeparam name="TPayload">What the payload's JSON is read into.</typeparam>
public interface IJobHandler<in TPayload>
{
    /// <summary>
    /// Runs one attempt. Returning means that the job is done. An exception means that the attempt failed, and the job runs again
    /// by its retry policy; <see cref="UnrecoverableJobException"/> says that another attempt makes no sense, and
    /// <see cref="RetryJobException"/> when to try again.
    /// <para>A job may start more than once (the promise is at-least-once): make the effect idempotent, or guard it by
    /// <see cref="JobContext.FencingToken"/>.</para>
    /// </summary>
    /// <param name="payload">The payload; never null.</param>
    /// <param name="context">The job's particulars.</param>
    /// <param name="cancellationToken">
    /// Cancelled at the job's time-out, when the job is cancelled, when the lease is lost, and when a drain runs out of time: stop soon, and throw.
    /// </param>
    Task HandleAsync(TPayload payload, JobContext context, CancellationToken cancellationToken);
}
