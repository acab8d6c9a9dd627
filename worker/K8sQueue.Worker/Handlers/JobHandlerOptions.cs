using K8sQueue.Core.Jobs;
using Polly;

namespace K8sQueue.Worker.Handlers;

/// <summary>How jobs of one type run.</summary>
public sealed class JobHandlerOptions
{
    /// <summary>
    /// How long an attempt may run; the job's own time-out counts where it is shorter. Null, the default, sets no limit.
    /// </summary>
    public TimeSpan? Timeout { get; set; }

    /// <summary>Attempts and backoff in place of the job's own. The default value is null: the job's own.</summary>
    public RetryPolicy? Retry { get; set; }

    /// <summary>
    /// Jobs of this handler that may run at once in a worker, 1 or more; further ones wait in its slots. Null, the default, sets no limit
    /// but the worker's.
    /// </summary>
    public int? MaxConcurrency { get; set; }

    /// <summary>
    /// Whether the handler computes rather than waits: it runs on a thread of its own, so that probes are answered meanwhile, and all
    /// such handlers together are limited by <see cref="Hosting.WorkerOptions.MaxParallelCpu"/>. The default value is false.
    /// </summary>
    public bool CpuBound { get; set; }

    internal Action<ResiliencePipelineBuilder>? ConfigureResilience { get; private set; }

    /// <summary>
    /// Runs the handler in a Polly pipeline (retries inside the attempt, circuit breaker, hedging, time-outs). All of it is one attempt to
    /// the queue, within <see cref="Timeout"/> and in one scope. <see cref="UnrecoverableJobException"/> and <see cref="RetryJobException"/>
    /// pass by the pipeline.
    /// </summary>
    public void Resilience(Action<ResiliencePipelineBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        ConfigureResilience += configure;
    }

    /// <exception cref="ArgumentException">A value is out of its range; the message names it.</exception>
    internal void ThrowIfInvalid(string type)
    {
        if (Timeout <= TimeSpan.Zero)
            throw new ArgumentException($"The time-out of '{type}' must be above 0, not {Timeout}.");
        if (MaxConcurrency < 1)
            throw new ArgumentException($"The concurrency of '{type}' must be at least 1, not {MaxConcurrency}.");
        Retry?.ThrowIfInvalid();
    }
}
