using K8sQueue.Worker.Execution;

namespace K8sQueue.Worker.Telemetry;

/// <summary>
/// Whether the worker lives and is ready. Live: its loops turn, and not every slot has a handler that ignores its time-out; how long a job
/// takes has no part in it. Ready: it has a consumer, the broker answers, and it is not
/// draining. A broker that is down makes it unready, never dead: a restart would not mend that.
/// </summary>
internal sealed class WorkerHealth(RunningJobs running, TimeProvider time)
{
    /// <summary>A loop that did not turn for this long does not turn.</summary>
    public static readonly TimeSpan PulseTimeout = TimeSpan.FromSeconds(60);

    /// <summary>A broker that was not heard of for this long does not answer: maintenance asks it each second.</summary>
    public static readonly TimeSpan BrokerTimeout = TimeSpan.FromSeconds(10);

    private long _turned = time.GetTimestamp();
    private long _answered;
    private long _fetchDue = long.MaxValue;
    private volatile string? _brokerFailure;
    private volatile bool _open;
    private volatile bool _draining;

    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    public bool Draining => _draining;

    /// <summary>Why the worker is not live; null where it is.</summary>
    public string? NotLiveReason
    {
        get
        {
            if (time.GetElapsedTime(Volatile.Read(ref _turned)) is var silence && silence > PulseTimeout)
                return $"The worker's loop has not turned for {silence.TotalSeconds:0} s.";
            if (time.GetTimestamp() > Volatile.Read(ref _fetchDue))
                return "A fetch did not end in its time.";
            return running.AllAbandoned ? $"{running.Abandoned} handlers ignore their time-outs, as many as the worker has slots." : null;
        }
    }

    /// <summary>Why the worker is not ready; null where it is.</summary>
    public string? NotReadyReason
    {
        get
        {
            if (_draining)
                return "The worker is draining.";
            if (_brokerFailure is { } failure)
                return $"The broker does not answer: {failure}";
            if (!_open)
                return "The worker has not reached its broker yet.";
            return time.GetElapsedTime(Volatile.Read(ref _answered)) is var silence && silence > BrokerTimeout
                ? $"The broker has not answered for {silence.TotalSeconds:0} s."
                : null;
        }
    }

    public void Turned() => Volatile.Write(ref _turned, time.GetTimestamp());

    /// <summary>A fetch begins, which waits for jobs up to <paramref name="idleWait"/>.</summary>
    public void Fetching(TimeSpan idleWait) => Volatile.Write(
        ref _fetchDue, time.GetTimestamp() + (long)((idleWait + PulseTimeout).TotalSeconds * time.TimestampFrequency));

    public void Fetched() => Volatile.Write(ref _fetchDue, long.MaxValue);

    public void Opened()
    {
        BrokerAnswered();
        _open = true;
    }

    public void BrokerAnswered()
    {
        Volatile.Write(ref _answered, time.GetTimestamp());
        _brokerFailure = null;
    }

    public void BrokerFailed(string message) => _brokerFailure = message;

    public void Drain() => _draining = true;
}
