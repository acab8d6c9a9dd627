namespace K8sQueue.Operator.Tests.Histories;

/// <summary>Many histories, on several threads: they share nothing.</summary>
internal sealed class HistoryRun(int first, int count, int maxFailures)
{
    // The runtime moves a continuation to another thread where the stack is short, and a seed would not always give the same history.
    private const int StackSize = 16 * 1024 * 1024;

    private readonly Lock _gate = new();
    private readonly List<string> _failures = [];
    private int _started;

    public int First => first;

    public int Count => count;

    public int Done { get; private set; }

    public HistoryCounts Counts { get; } = new();

    public IReadOnlyList<string> Failures => _failures;

    public void On(int threads, Func<History, Exception?> run)
    {
        var all = Enumerable.Range(0, threads).Select(_ => new Thread(() => RunSome(run), StackSize) { IsBackground = true }).ToList();
        all.ForEach(thread => thread.Start());
        all.ForEach(thread => thread.Join());
    }

    private void RunSome(Func<History, Exception?> run)
    {
        while (Next() is { } seed)
        {
            var history = new History(seed);
            Note(seed, history, run(history));
        }
    }

    private int? Next()
    {
        lock (_gate)
            return _started < count && _failures.Count < maxFailures ? first + _started++ : null;
    }

    private void Note(int seed, History history, Exception? failure)
    {
        lock (_gate)
        {
            Done++;
            Counts.Add(history.Counts);
            if (failure is not null)
                _failures.Add(FormattableString.Invariant($"K8SQUEUE_HISTORY_SEED={seed}: {failure.Message}"));
        }
    }
}
