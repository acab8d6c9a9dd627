using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Execution.Payloads;
using K8sQueue.Worker.Handlers;

namespace K8sQueue.Worker.Execution;

/// <summary>What becomes of a job, from how its handler ended. No I/O, no clock.</summary>
internal static class OutcomeRules
{
    /// <summary>The longest error text that is kept with a job, in characters.</summary>
    public const int MaxErrorLength = 8192;

    /// <param name="job">The job.</param>
    /// <param name="result">The result that the handler set.</param>
    /// <param name="failure">What the handler threw; null where it returned.</param>
    /// <param name="cause">Why it was told to stop, where it was.</param>
    /// <param name="random">0 to 1, for the jitter of the retry's delay.</param>
    public static JobOutcome Decide(
        JobEnvelope job, ReadOnlyMemory<byte>? result, Exception? failure, StopCause cause, double random) => (failure, cause) switch
        {
            (null, _) => new JobOutcome.Completed(result),
            (JobPayloadException, _) => new JobOutcome.Buried(DeadLetterReasons.Corrupt, failure.Message),
            (PayloadUnavailableException, _) => new JobOutcome.Released(),

            // It was told to stop; whatever it threw came of that, and there is to be no other attempt.
            (_, StopCause.Cancelled) => new JobOutcome.Cancelled(),
            (UnrecoverableJobException, _) => new JobOutcome.Buried(DeadLetterReasons.Unrecoverable, Text(failure)),
            (_, StopCause.TimedOut) => TimedOut(job, failure, random),

            // It was told to stop; whatever it threw came of that. No attempt is used up.
            (_, StopCause.Draining or StopCause.Lost) => new JobOutcome.Released(),
            (RetryJobException retry, _) => Failed(job, Text(failure), retry.Delay, random),
            _ => Failed(job, Text(failure), null, random),
        };

    /// <summary>The attempt ran past its time-out. <paramref name="failure"/> is null where the handler has not even stopped.</summary>
    public static JobOutcome TimedOut(JobEnvelope job, Exception? failure, double random)
    {
        var text = failure switch
        {
            null => "The attempt timed out, and the handler did not stop when it was told to.",
            OperationCanceledException => "The attempt timed out.",
            _ => $"The attempt timed out. {Text(failure)}",
        };
        return Failed(job, text, null, random);
    }

    public static JobOutcome UnknownType(JobEnvelope job, string knownTypes) => new JobOutcome.Buried(
        DeadLetterReasons.UnknownType,
        $"No handler is registered for job type '{job.Type}'. Known types: {(knownTypes.Length == 0 ? "none" : knownTypes)}.");

    private static JobOutcome Failed(JobEnvelope job, string error, TimeSpan? asked, double random)
    {
        if (job.Attempt >= job.Retry.MaxAttempts)
            return new JobOutcome.Buried(DeadLetterReasons.AttemptsExhausted, Cut(error));
        var delay = asked ?? job.Retry.DelayAfter(job.Attempt, random);
        var bounded = delay < TimeSpan.Zero ? TimeSpan.Zero : delay > JobLimits.MaxDelay ? JobLimits.MaxDelay : delay;
        return new JobOutcome.Retried(bounded, Cut(error));
    }

    // Exceptions that a handler throws to say something carry their meaning in the message; others need the stack.
    private static string Text(Exception failure) =>
        Cut(failure is UnrecoverableJobException or RetryJobException ? failure.Message : failure.ToString());

    private static string Cut(string text) => text.Length <= MaxErrorLength ? text : text[..MaxErrorLength];
}
