using K8sQueue.Core.Capacity;

namespace K8sQueue.Worker.Capacity;

/// <summary>What this worker did for one queue since its last report.</summary>
internal sealed class QueueLoad(TimeProvider time)
{
    // Taken once for a job, by whoever records outcomes, which is one at a time but for outcomes of different kinds.
    private readonly Lock _lock = new();
    private LoadHistogram _durations = new();
    private LoadHistogram _waits = new();
    private long _busy;
    private long _from = time.GetTimestamp();
    private long _occupiedBefore;

    /// <summary>An attempt ended.</summary>
    /// <param name="duration">How long its handler ran; null where that tells nothing of the job.</param>
    /// <param name="wait">How long it waited before; null where that is not known.</param>
    /// <param name="busy">The slot's time since it was last counted, in timestamps.</param>
    public void Ended(TimeSpan? duration, TimeSpan? wait, long busy)
    {
        lock (_lock)
        {
            _busy += busy;
            if (duration is { } ran)
                _durations.Add(ran);
            if (wait is { } waited)
                _waits.Add(waited);
        }
    }

    /// <summary>A job went on running.</summary>
    public void Ran(long busy)
    {
        lock (_lock)
            _busy += busy;
    }

    /// <summary>What was counted since the last call.</summary>
    /// <param name="concurrency">How many slots there are.</param>
    /// <param name="occupied">The time that went into jobs of all queues since the worker began, in timestamps.</param>
    public LoadSample Take(int concurrency, long occupied)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var elapsed = time.GetElapsedTime(_from, now);
            var sample = new LoadSample
            {
                Durations = _durations,
                Waits = _waits,
                Busy = time.GetElapsedTime(0, _busy),
                Occupied = time.GetElapsedTime(_occupiedBefore, occupied),
                Slots = elapsed * concurrency,
                Elapsed = elapsed,
            };
            (_durations, _waits, _busy, _from, _occupiedBefore) = (new(), new(), 0, now, occupied);
            return sample;
        }
    }
}
