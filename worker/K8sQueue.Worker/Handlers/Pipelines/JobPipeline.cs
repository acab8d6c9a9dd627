using System.Runtime.ExceptionServices;
using Polly;

namespace K8sQueue.Worker.Handlers;

/// <summary>A handler with all that runs around it: the worker's middleware, then the handler's own resilience pipeline.</summary>
internal sealed class JobPipeline
{
    private readonly JobStep _run;

    public JobPipeline(
        JobHandlerBinding binding, IEnumerable<JobMiddlewareBinding> middleware, IServiceProvider services, TimeProvider time)
    {
        Type = binding.Type;
        Options = binding.Options;
        Limit = Options.MaxConcurrency is { } most ? new SemaphoreSlim(most) : null;
        JobStep handler = (context, cancellationToken) => binding.InvokeAsync(services, context, cancellationToken);
        if (binding.Options.ConfigureResilience is { } configure)
        {
            var builder = new ResiliencePipelineBuilder { TimeProvider = time, Name = binding.Type };
            configure(builder);
            handler = Resilient(handler, builder.Build());
        }

        _run = middleware.Reverse().Aggregate(
            handler, (following, step) => (context, cancellationToken) => step.Invoke(context, following, cancellationToken));
    }

    /// <summary>The type that the handler is registered for: a job's own, or <see cref="JobHandlerBinding.CatchAll"/>.</summary>
    public string Type { get; }

    public JobHandlerOptions Options { get; }

    /// <summary>How many of its jobs may run at once, where it says so.</summary>
    public SemaphoreSlim? Limit { get; }

    public Task RunAsync(JobContext context, CancellationToken cancellationToken) => Options.CpuBound
        ? Task.Factory.StartNew(
            () => _run(context, cancellationToken),
            CancellationToken.None,
            TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach,
            TaskScheduler.Default).Unwrap()
        : _run(context, cancellationToken);

    // What a handler throws to tell the queue something passes by the pipeline: no strategy is to try it again or to break a circuit over it.
    private static JobStep Resilient(JobStep handler, ResiliencePipeline pipeline) => async (context, cancellationToken) =>
    {
        ExceptionDispatchInfo? verdict = null;
        await pipeline.ExecuteAsync(
            async token =>
            {
                try
                {
                    await handler(context, token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is UnrecoverableJobException or RetryJobException)
                {
                    verdict = ExceptionDispatchInfo.Capture(e);
                }
            },
            cancellationToken).ConfigureAwait(false);
        verdict?.Throw();
    };
}
