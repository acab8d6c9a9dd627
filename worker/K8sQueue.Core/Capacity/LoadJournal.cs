namespace K8sQueue.Core.Capacity;

/// <summary>A queue's <see cref="LoadHistory"/> while it is written, in this process. Not safe for several threads.</summary>
internal sealed class LoadJournal
{
    private readonly SortedDictionary<long, LoadMinute> _minutes = [];
    private (DateTimeOffset At, long Enqueued)? _look;
    private DateTimeOffset? _since;

    /// <summary>Takes a report in.</summary>
    /// <param name="now">The time.</param>
    /// <param name="enqueued">How many jobs ever came.</param>
    /// <param name="sample">What a worker did.</param>
    public void Report(DateTimeOffset now, long enqueued, LoadSample sample)
    {
        Forget(now);
        Look(now, enqueued);
        if (sample.Elapsed > TimeSpan.Zero)
        {
            Change(ArrivalRules.MinuteOf(now), minute => minute with
            {
                Load = minute.Load.With(sample),
                From = minute.From ?? now - sample.Elapsed,
                Until = now,
            });
        }
    }

    /// <summary>What was reported, with the jobs that came since.</summary>
    public LoadHistory Read(DateTimeOffset now, long enqueued)
    {
        Forget(now);
        var minutes = _minutes.Values.ToList();
        if (_look is { } look && enqueued > look.Enqueued)
        {
            var current = ArrivalRules.StartOf(ArrivalRules.MinuteOf(now));
            var last = minutes is [.., var found] && found.Start == current ? found : null;
            if (last is not null)
                minutes.RemoveAt(minutes.Count - 1);
            last ??= new LoadMinute { Start = current };
            minutes.Add(last with { Arrivals = last.Arrivals + enqueued - look.Enqueued });
        }

        return new LoadHistory { Now = now, ObservedSince = _since, Entries = minutes };
    }

    private void Look(DateTimeOffset now, long enqueued)
    {
        if (_look is { } last && last.At <= now && last.Enqueued <= enqueued)
        {
            foreach (var (at, jobs) in ArrivalRules.Spread(last.At, now, enqueued - last.Enqueued))
                Change(at, minute => minute with { Arrivals = minute.Arrivals + jobs });
        }
        else
        {
            _since = now;
        }

        _look = (now, enqueued);
    }

    private void Change(long minute, Func<LoadMinute, LoadMinute> change) =>
        _minutes[minute] = change(_minutes.GetValueOrDefault(minute) ?? new LoadMinute { Start = ArrivalRules.StartOf(minute) });

    private void Forget(DateTimeOffset now)
    {
        var oldest = ArrivalRules.MinuteOf(now) - LoadHistory.Minutes;
        foreach (var minute in _minutes.Keys.TakeWhile(minute => minute <= oldest).ToList())
            _minutes.Remove(minute);
        if (now - _look?.At > LoadReports.Retention)
            (_look, _since) = (null, null);
    }
}
