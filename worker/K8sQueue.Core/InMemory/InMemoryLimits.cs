using K8sQueue.Core.Queues;

namespace K8sQueue.Core.InMemory;

/// <summary>
/// What bounds the starts of a queue's jobs. The rate is a bucket of whole numbers: each millisecond adds as many units as jobs may start in a
/// period, each start takes as many as the period has milliseconds.
/// </summary>
internal sealed class InMemoryLimits(TimeProvider time)
{
    private long _credit;
    private long _filledAt;

    public QueueLimits Current { get; private set; } = QueueLimits.None;

    /// <summary>What held the last look.</summary>
    public QueueHold Hold { get; private set; }

    /// <summary>Until when, where it is the rate.</summary>
    public TimeSpan? UntilNext { get; private set; }

    private long Period => (long)Current.Rate!.Period.TotalMilliseconds;

    /// <summary>What is in the bucket stays there, so that limits which are set again let nothing through.</summary>
    public void Set(QueueLimits limits)
    {
        Fill();
        var tokens = Current.Rate is null ? double.PositiveInfinity : (double)_credit / Period;
        Current = limits;
        if (limits.Rate is { } rate)
            _credit = (long)Math.Min(rate.Burst * Period, Math.Floor(tokens * Period));
        _filledAt = Now();
    }

    /// <summary>How many of the wanted jobs may start.</summary>
    public int Allow(int wanted, int running, bool anyWaits)
    {
        Fill();
        var tokens = Current.Rate is null ? int.MaxValue : (int)Math.Min(int.MaxValue, _credit / Period);
        var room = Math.Max(0, (Current.Concurrency ?? int.MaxValue) - running);
        var allowed = Math.Min(wanted, Math.Min(tokens, room));
        Hold = allowed > 0 || !anyWaits ? QueueHold.None : tokens == 0 ? QueueHold.Rate : QueueHold.Concurrency;
        UntilNext = Hold == QueueHold.Rate ? TimeSpan.FromMilliseconds(Math.Ceiling((Period - _credit) / (double)Current.Rate!.Jobs)) : null;
        return allowed;
    }

    public void Took(int jobs)
    {
        if (Current.Rate is not null)
            _credit -= jobs * Period;
    }

    private void Fill()
    {
        if (Current.Rate is not { } rate)
            return;
        var (now, most) = (Now(), rate.Burst * Period);
        var passed = Math.Min(Math.Max(0, now - _filledAt), (most / rate.Jobs) + 1);
        _credit = Math.Min(most, _credit + (passed * rate.Jobs));
        _filledAt = now;
    }

    private long Now() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
