using K8sQueue.Chaos.Histories;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Tests.Histories;

/// <summary>Writes down a history second by second, and has the broker count along.</summary>
internal sealed class EvidenceBuilder
{
    private const long Second = 1_000_000_000;

    private readonly List<AcknowledgedJob> _acknowledged = [];
    private readonly List<HistoryRecord> _history = [];
    private readonly List<ProcessLoss> _losses = [];
    private readonly List<Amnesia> _forgotten = [];
    private readonly Dictionary<string, string> _dead = new(StringComparer.Ordinal);
    private readonly Dictionary<string, JobState> _tracked = new(StringComparer.Ordinal);
    private readonly List<KeyState> _keys = [];
    private BrokerTotals _totals = new();
    private long _now = Second;

    public HashSet<long> UnknownKeys { get; } = [];

    public HashSet<long> RefusedKeys { get; } = [];

    public ChaosEvidence Evidence => new()
    {
        Acknowledged = _acknowledged,
        UnknownKeys = UnknownKeys,
        RefusedKeys = RefusedKeys,
        History = _history,
        Losses = _losses,
        Forgotten = _forgotten,
        DeadLetters = _dead,
        Tracked = _tracked,
        Totals = _totals,
        Keys = _keys,
    };

    public EvidenceBuilder Pass(double seconds)
    {
        _now += (long)(seconds * Second);
        return this;
    }

    public EvidenceBuilder Enqueue(params string[] jobs)
    {
        foreach (var job in jobs)
            _acknowledged.Add(new AcknowledgedJob(job, _acknowledged.Count + 1, _now));
        return Count(totals => totals with { Enqueued = totals.Enqueued + jobs.Length });
    }

    /// <summary>A delivery and the begin of the handler.</summary>
    public EvidenceBuilder Start(string process, string job, long epoch = 1, int attempt = 1, long? key = null)
    {
        var known = key ?? _acknowledged.Find(acknowledged => acknowledged.Id == job)!.Key;
        return Add(process, HistoryKind.Fetched, job, epoch, attempt)
            .Add(process, HistoryKind.Began, job, epoch, attempt, FormattableString.Invariant($"{known}"))
            .Count(totals => totals with { Started = totals.Started + 1 });
    }

    /// <summary>The handler's end, and a completion that the broker takes.</summary>
    public EvidenceBuilder Complete(string process, string job, long epoch = 1) => End(process, job, epoch)
        .Add(process, HistoryKind.Completed, job, epoch)
        .Count(totals => totals with { Completed = totals.Completed + 1 });

    /// <summary>The handler's end, of which the broker does not hear.</summary>
    public EvidenceBuilder End(string process, string job, long epoch = 1) => Add(process, HistoryKind.Ended, job, epoch);

    public EvidenceBuilder Refuse(string process, string job, long epoch = 1) => Add(process, HistoryKind.Refused, job, epoch);

    public EvidenceBuilder Release(string process, string job, long epoch = 1) => Add(process, HistoryKind.Released, job, epoch)
        .Count(totals => totals with { Released = totals.Released + 1 });

    public EvidenceBuilder Recover() => Count(totals => totals with { Recovered = totals.Recovered + 1 });

    public EvidenceBuilder Bury(string job, string reason)
    {
        _dead[job] = reason;
        return Count(totals => totals with { Buried = totals.Buried + 1 });
    }

    public EvidenceBuilder Lose(string process)
    {
        _losses.Add(new ProcessLoss(process, _now));
        return this;
    }

    /// <summary>The broker may have forgotten the last seconds.</summary>
    public EvidenceBuilder Forget(double seconds)
    {
        _forgotten.Add(new Amnesia(_now - (long)(seconds * Second), _now));
        return this;
    }

    public EvidenceBuilder Track(string job, JobState state)
    {
        _tracked[job] = state;
        return this;
    }

    public EvidenceBuilder Leave(KeyState key)
    {
        _keys.Add(key);
        return this;
    }

    public EvidenceBuilder Count(Func<BrokerTotals, BrokerTotals> change)
    {
        _totals = change(_totals);
        return this;
    }

    private EvidenceBuilder Add(string process, HistoryKind kind, string job, long epoch, int attempt = 1, string detail = "")
    {
        _now += Second / 1000;
        _history.Add(new HistoryRecord(_now, kind, process, job, attempt, epoch, detail));
        return this;
    }
}
