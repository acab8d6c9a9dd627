using K8sQueue.Core.Dialling;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace K8sQueue.Worker.Handlers.Http;

/// <summary>
/// Tries a call again within the attempt, for faults that pass in a moment: a pod that is replaced, a limit that is over in a second. What
/// lasts longer is the queue's to try again.
/// </summary>
internal static class HttpRetries
{
    /// <summary>The longest that a call waits inside an attempt. A longer Retry-After ends the attempt, and the next one honours it.</summary>
    public static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(5);

    /// <summary>The longest that a Retry-After puts the next attempt off: a receiver that is wrong about itself must not lose jobs for a year.</summary>
    public static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);

    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);

    public static ResiliencePipeline<HttpResponseMessage> Create(HttpHandlerOptions options, TimeProvider time)
    {
        var builder = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time };
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = FirstDelay,
                MaxDelay = MaxWait,
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(Passes(arguments.Outcome, time)),
                DelayGenerator = arguments => ValueTask.FromResult(arguments.Outcome.Result is { } response ? RetryAfter(response, time) : null),
                OnRetry = static arguments =>
                {
                    arguments.Outcome.Result?.Dispose();
                    return ValueTask.CompletedTask;
                },
            });
        }

        if (options.CallTimeout is { } timeout)
            builder.AddTimeout(timeout);
        return builder.Build();
    }

    /// <summary>Whether a status says that the call may work later.</summary>
    public static bool IsPassing(int status) => status is 408 or 425 or 429 or >= 500;

    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => Bounded(delta),
        { Date: { } date } => Bounded(date - time.GetUtcNow()),
        _ => null,
    };

    private static TimeSpan Bounded(TimeSpan delay) => delay < TimeSpan.Zero ? TimeSpan.Zero : delay > MaxRetryAfter ? MaxRetryAfter : delay;

    private static bool Passes(Outcome<HttpResponseMessage> outcome, TimeProvider time) => outcome switch
    {
        { Exception: HttpRequestException { InnerException: not GuardedAddressException } or TimeoutRejectedException } => true,
        { Result: { } response } => IsPassing((int)response.StatusCode) && !(RetryAfter(response, time) > MaxWait),
        _ => false,
    };
}
