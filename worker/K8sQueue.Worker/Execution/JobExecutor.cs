using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Worker.Execution.Payloads;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Telemetry;

namespace K8sQueue.Worker.Execution;

/// <summary>Runs jobs in slots and hands their outcomes to the flusher.</summary>
internal sealed partial class JobExecutor(
    JobHandlerRegistry handlers,
    RunningJobs running,
    JobTurns turns,
    PayloadLoader payloads,
    ProgressReporter progress,
    OutcomeFlusher flusher,
    WorkerMetrics metrics,
    IServiceScopeFactory scopes,
    TimeProvider time,
    ILogger<JobExecutor> logger)
{
    /// <summary>How long a handler may go on after its time-out before its job is given up; see <see cref="RunningJobs"/> for its slot.</summary>
    public static readonly TimeSpan AbandonAfter = TimeSpan.FromSeconds(5);

    // What a timer takes at most is a little over 49 days; a job's time-out may be a year.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(49);

    /// <summary>Takes a slot and starts the job on the thread pool.</summary>
    public void Start(IJobConsumer consumer, JobLease lease)
    {
        var job = Enter(lease);
        ThreadPool.UnsafeQueueUserWorkItem(
            static state => _ = state.Executor.RunAsync(state.Consumer, state.Job), (Executor: this, Consumer: consumer, Job: job), preferLocal: false);
    }

    /// <summary>Hands a job back that arrived when no more may start.</summary>
    public void Return(JobLease lease)
    {
        var job = Enter(lease);
        flusher.Add(job, new JobOutcome.Released());
        flusher.End(job);
    }

    /// <summary>Decides for a job whose handler does not stop; nothing where it was decided before.</summary>
    public void Abandon(RunningJob job, JobOutcome outcome)
    {
        if (job.TryDecide())
            Settle(job, outcome);
    }

    // At the broker the job is started with its fetch, whatever becomes of it here.
    private RunningJob Enter(JobLease lease)
    {
        var job = new RunningJob(lease, handlers.Find(lease.Job.Type), scopes, progress);
        running.Add(job);
        metrics.Started(lease.Job);
        return job;
    }

    // Whatever fails around the handler (a log scope, a timer), the job has an outcome and the slot is free.
    private async Task RunAsync(IJobConsumer consumer, RunningJob job)
    {
        try
        {
            using var scope = logger.BeginScope(new JobLogScope(job.Job));
            var outcome = await AttemptAsync(consumer, job).ConfigureAwait(false);
            if (job.TryDecide())
                Settle(job, outcome);
        }
        catch (Exception e)
        {
            if (job.TryDecide())
                flusher.Add(job, OutcomeRules.Decide(job.Job, null, e, job.Cause, NextRandom()));
            Log.Faulted(logger, e, job.Job.Id, job.Job.Type);
        }
        finally
        {
            flusher.End(job);
        }
    }

    private async Task<JobOutcome> AttemptAsync(IJobConsumer consumer, RunningJob job)
    {
        if (job.Handler is not { } handler)
            return OutcomeRules.UnknownType(job.Job, handlers.KnownTypes);
        var failure = await InvokeAsync(consumer, handler, job).ConfigureAwait(false);
        var outcome = OutcomeRules.Decide(job.Job, job.Context.Result, failure, job.Cause, NextRandom());
        if (job.HasStarted)
        {
            var duration = time.GetElapsedTime(job.StartedAt);
            job.Duration = duration;
            metrics.Handled(job.Job, handler.Type, outcome, duration);
        }

        return outcome;
    }

    // Every exception of a handler is its job's business, so each is caught here, and told to the job.
    private async Task<Exception?> InvokeAsync(IJobConsumer consumer, JobPipeline handler, RunningJob job)
    {
        var lost = job.Lease.Lost.UnsafeRegister(
            static state =>
            {
                var (log, job) = ((ILogger, RunningJob))state!;
                job.Stop(StopCause.Lost);
                Log.LeaseLost(log, job.Job.Id, job.Job.Type);
            },
            ((ILogger)logger, job));
        var cancelled = job.Lease.Cancelled.UnsafeRegister(
            static state =>
            {
                var (log, job) = ((ILogger, RunningJob))state!;
                job.Stop(StopCause.Cancelled);
                Log.Cancelled(log, job.Job.Id, job.Job.Type);
            },
            ((ILogger)logger, job));
        await using (lost.ConfigureAwait(false))
        await using (cancelled.ConfigureAwait(false))
        {
            try
            {
                job.Turn = await TakeTurnAsync(handler, job).ConfigureAwait(false);
                using var payload = await payloads.LoadAsync(consumer, job).ConfigureAwait(false);
                var now = time.GetUtcNow() + job.Lease.BrokerAhead;
                job.Begin(time.GetTimestamp(), now);
                metrics.Waited(job.Job, now);
                await HandleAsync(handler, job).ConfigureAwait(false);
                return null;
            }
            catch (Exception e)
            {
                return e;
            }
            finally
            {
                job.Turn?.Release();
            }
        }
    }

    private async Task HandleAsync(JobPipeline handler, RunningJob job)
    {
        using var activity = WorkerTracing.Start(job.Job, handler.Type);
        try
        {
            using var timer = Shorter(handler.Options.Timeout, job.Job.Timeout) is { } timeout ? StartTimer(job, timeout) : null;
            await using (job.Context.ConfigureAwait(false))
                await handler.RunAsync(job.Context, job.Stopping).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            WorkerTracing.Failed(activity, e);
            throw;
        }
    }

    private async ValueTask<JobTurn?> TakeTurnAsync(JobPipeline handler, RunningJob job)
    {
        if (turns.TryTake(handler, out var turn))
            return turn;
        job.Wait();
        return await turns.WaitAsync(handler, job.Stopping).ConfigureAwait(false);
    }

    private ITimer StartTimer(RunningJob job, TimeSpan timeout)
    {
        ITimer? timer = null;
        var told = false;
        timer = time.CreateTimer(
            _ =>
            {
                // Set again where it fired early, or could not be set for the whole time-out.
                if (timeout - time.GetElapsedTime(job.StartedAt) is var left && left > TimeSpan.Zero)
                {
                    Volatile.Read(ref timer)?.Change(Wait(left), Timeout.InfiniteTimeSpan);
                    return;
                }

                if (told)
                {
                    GiveUp(job);
                    return;
                }

                told = true;
                job.Stop(StopCause.TimedOut);
                Volatile.Read(ref timer)?.Change(AbandonAfter, Timeout.InfiniteTimeSpan);
            },
            null,
            Timeout.InfiniteTimeSpan,
            Timeout.InfiniteTimeSpan);
        timer.Change(Wait(timeout), Timeout.InfiniteTimeSpan);
        return timer;

        // Timers count whole milliseconds.
        static TimeSpan Wait(TimeSpan left) => left < LongestTimer ? left + TimeSpan.FromMilliseconds(1) : LongestTimer;
    }

    private void GiveUp(RunningJob job)
    {
        if (!job.TryDecide())
            return;

        // Before its outcome, with which it leaves again where its handler has ended meanwhile.
        running.Abandon(job);
        metrics.Abandoned(job.Job, job.Handler!.Type);
        Log.Abandoned(logger, job.Job.Id, job.Job.Type, AbandonAfter);
        Settle(job, OutcomeRules.TimedOut(job.Job, null, NextRandom()));
    }

    private void Settle(RunningJob job, JobOutcome outcome)
    {
        flusher.Add(job, outcome);
        switch (outcome)
        {
            case JobOutcome.Retried retried:
                Log.AttemptFailed(logger, job.Job.Id, job.Job.Type, job.Job.Attempt, job.Job.Retry.MaxAttempts, retried.Delay, FirstLine(retried.Error));
                break;
            case JobOutcome.Buried buried:
                Log.Buried(logger, job.Job.Id, job.Job.Type, buried.Reason, FirstLine(buried.Error));
                break;
        }
    }

    private static TimeSpan? Shorter(TimeSpan? first, TimeSpan? second) =>
        first is null || second < first ? second : first;

    private static string FirstLine(string text) => text.IndexOf('\n', StringComparison.Ordinal) is var end and >= 0 ? text[..end] : text;

#pragma warning disable CA5394 // Jitter is no secret.
    private static double NextRandom() => Random.Shared.NextDouble();
#pragma warning restore CA5394

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "Job {JobId} ({JobType}) failed at attempt {Attempt} of {MaxAttempts}, runs again in {Delay}: {Error}")]
        public static partial void AttemptFailed(
            ILogger logger, JobId jobId, string jobType, int attempt, int maxAttempts, TimeSpan delay, string error);

        [LoggerMessage(11, LogLevel.Error, "Job {JobId} ({JobType}) is a dead letter ({Reason}): {Error}")]
        public static partial void Buried(ILogger logger, JobId jobId, string jobType, string reason, string error);

        [LoggerMessage(12, LogLevel.Warning, "The lease of job {JobId} ({JobType}) was lost while it ran, so its handler is told to stop")]
        public static partial void LeaseLost(ILogger logger, JobId jobId, string jobType);

        [LoggerMessage(15, LogLevel.Information, "Job {JobId} ({JobType}) was cancelled while it ran, so its handler is told to stop")]
        public static partial void Cancelled(ILogger logger, JobId jobId, string jobType);

        [LoggerMessage(13, LogLevel.Error, "A fault beside the handler of job {JobId} ({JobType}) ended its attempt")]
        public static partial void Faulted(ILogger logger, Exception exception, JobId jobId, string jobType);

        [LoggerMessage(14, LogLevel.Error, "The handler of job {JobId} ({JobType}) ignores that it was told to stop {Since} ago: it is abandoned, and its job has failed")]
        public static partial void Abandoned(ILogger logger, JobId jobId, string jobType, TimeSpan since);
    }
}
