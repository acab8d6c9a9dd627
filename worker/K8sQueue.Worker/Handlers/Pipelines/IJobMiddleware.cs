namespace K8sQueue.Worker.Handlers;

/// <summary>What comes after a middleware: the next one, and at last the handler.</summary>
public delegate Task JobStep(JobContext context, CancellationToken cancellationToken);

/// <summary>Runs around every handler of a worker, in the order of registration. Made anew for each job, in the job's scope.</summary>
public interface IJobMiddleware
{
    /// <summary>
    /// Calls <paramref name="following"/> once, or not at all: the job is then done. An exception counts as the handler's would.
    /// </summary>
    Task InvokeAsync(JobContext context, JobStep following, CancellationToken cancellationToken);
}

/// <summary>A middleware as it was registered.</summary>
internal sealed record JobMiddlewareBinding(Func<JobContext, JobStep, CancellationToken, Task> Invoke);
