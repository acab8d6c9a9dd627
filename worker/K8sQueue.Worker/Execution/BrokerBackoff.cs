using K8sQueue.Core.Queues;
using Polly;
using Polly.Retry;

namespace K8sQueue.Worker.Execution;

/// <summary>How calls to a broker that is down are repeated: for ever, with growing, jittered delays of 5 seconds at most.</summary>
internal static class BrokerBackoff
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxDelay = TimeSpan.FromSeconds(5);

    public static ResiliencePipeline Create(TimeProvider time, Action<Exception, TimeSpan> onFailure)
    {
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        return builder.AddRetry(new RetryStrategyOptions
        {
            // A broker that could lose jobs does not mend itself; a person has to.
            ShouldHandle = static arguments => ValueTask.FromResult(
                arguments.Outcome.Exception is not (null or OperationCanceledException or JobQueueConfigurationException)),
            BackoffType = DelayBackoffType.Exponential,
            Delay = FirstDelay,
            MaxDelay = MaxDelay,
            UseJitter = true,
            MaxRetryAttempts = int.MaxValue,
            OnRetry = arguments =>
            {
                onFailure(arguments.Outcome.Exception!, arguments.RetryDelay);
                return ValueTask.CompletedTask;
            },
        }).Build();
    }
}
