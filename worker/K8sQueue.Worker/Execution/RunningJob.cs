using System.Diagnostics.CodeAnalysis;
using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Handlers;

namespace K8sQueue.Worker.Execution;

/// <summary>
/// A job that occupies a slot: until its handler has ended and its outcome is settled, in whichever order. The outcome is decided
/// once: by the handler's end, or before it where a handler does not stop.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without a timer holds nothing; a late Stop may still come.")]
internal sealed class RunningJob(JobLease lease, JobPipeline? handler, IServiceScopeFactory scopes, ProgressReporter? progress = null)
{
    private const int Waiting = 1;
    private const int Started = 2;
    private const int Stopped = 3;
    private const long NotEnded = -1;

    private readonly CancellationTokenSource _stop = new();
    private int _cause;
    private int _decided;
    private int _open = 2;
    private int _phase;
    private int _settled;
    private int _waitCause;
    private long _countedUntil;
    private long _durationTicks = NotEnded;
    private TaskCompletionSource? _whenSettled;

    public JobLease Lease { get; } = lease;

    /// <summary>What runs it; null where its type is unknown.</summary>
    public JobPipeline? Handler { get; } = handler;

    /// <summary>The job, with its handler's retry policy where that has one of its own.</summary>
    public JobEnvelope Job { get; private set; } = WithRetry(lease.Job, handler);

    public JobContext Context => field ??= progress is not null && Job.Id.IsTracked
        ? new(Job, scopes) { Progress = (share, note) => progress.Report(this, share, note) }
        : new(Job, scopes);

    /// <summary>When its handler started, by <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long StartedAt { get; private set; }

    /// <summary>How long it waited for its start since it could have been taken; null where that is not known.</summary>
    public TimeSpan? Waited { get; private set; }

    /// <summary>How long its handler ran; null while it runs.</summary>
    public TimeSpan? Duration
    {
        get => Volatile.Read(ref _durationTicks) is var ticks and not NotEnded ? new TimeSpan(ticks) : null;
        set => Volatile.Write(ref _durationTicks, value?.Ticks ?? NotEnded);
    }

    /// <summary>What it holds of the limits on handlers while it runs.</summary>
    public JobTurn? Turn { get; set; }

    public bool HasStarted => Volatile.Read(ref _phase) == Started;

    public StopCause Cause => (StopCause)Volatile.Read(ref _cause);

    /// <summary>What the handler is given.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>True for the one caller that may say how the job ended.</summary>
    public bool TryDecide() => Interlocked.Exchange(ref _decided, 1) == 0;

    /// <summary>Its payload is there.</summary>
    public void Load(JobEnvelope loaded) => Job = WithRetry(loaded, Handler);

    /// <summary>It waits for its handler's turn, or its payload.</summary>
    public void Wait()
    {
        // Whoever told it to wait no more may have come before.
        if (Interlocked.CompareExchange(ref _phase, Waiting, 0) == 0 && (StopCause)Volatile.Read(ref _waitCause) is var cause && cause != StopCause.None)
            StopWaiting(cause);
    }

    /// <summary>Its handler starts.</summary>
    /// <param name="now">The time, by <see cref="TimeProvider.GetTimestamp"/>.</param>
    /// <param name="at">The time by the broker's clock.</param>
    /// <exception cref="OperationCanceledException">It was stopped while it waited for its turn.</exception>
    public void Begin(long now, DateTimeOffset at)
    {
        (StartedAt, Waited) = (now, at - Lease.AvailableAt);
        if (Interlocked.Exchange(ref _phase, Started) == Stopped)
        {
            Volatile.Write(ref _phase, Stopped);
            throw new OperationCanceledException(_stop.Token);
        }

        Volatile.Write(ref _countedUntil, now);
    }

    /// <summary>How long it ran since it was last counted, in timestamps; zero where it does not run, or was counted further.</summary>
    public long CountUntil(long now)
    {
        var before = Volatile.Read(ref _countedUntil);
        return before != 0 && now > before && Interlocked.CompareExchange(ref _countedUntil, now, before) == before ? now - before : 0;
    }

    /// <summary>As <see cref="CountUntil"/>, the last time.</summary>
    public long StopCounting(long now) => Interlocked.Exchange(ref _countedUntil, 0) is var before and not 0 ? Math.Max(0, now - before) : 0;

    /// <summary>Stops it where it waits for its turn, or would have to. What runs, or can, goes on.</summary>
    public void StopWaiting(StopCause cause)
    {
        Interlocked.Exchange(ref _waitCause, (int)cause);
        if (Interlocked.CompareExchange(ref _phase, Stopped, Waiting) == Waiting)
            Stop(cause);
    }

    /// <summary>Tells the handler to stop.</summary>
    public void Stop(StopCause cause)
    {
        if (Interlocked.CompareExchange(ref _cause, (int)cause, (int)StopCause.None) == (int)StopCause.None)
        {
            // Handlers' own callbacks must not run on, or throw into, the thread of a timer or of the drain.
            _ = _stop.CancelAsync();
        }
    }

    /// <summary>Whether the broker answered to its outcome.</summary>
    public bool IsSettled => Volatile.Read(ref _settled) != 0;

    public Task WhenSettled
    {
        get
        {
            var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            signal = Interlocked.CompareExchange(ref _whenSettled, signal, null) ?? signal;
            if (IsSettled)
                signal.TrySetResult();
            return signal.Task;
        }
    }

    public void Settle()
    {
        // A full fence: either this sees the signal, or WhenSettled sees the flag.
        Interlocked.Exchange(ref _settled, 1);
        Volatile.Read(ref _whenSettled)?.TrySetResult();
    }

    private static JobEnvelope WithRetry(JobEnvelope job, JobPipeline? handler) =>
        handler?.Options.Retry is { } retry ? job with { Retry = retry } : job;

    /// <summary>One of the two ends: the handler's, or the outcome's. True at the second.</summary>
    public bool End() => Interlocked.Decrement(ref _open) == 0;
}
