using System.Globalization;
using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Workers;

/// <summary>The workers of a scenario. Each has a slot; a restart fills the slot with a new process.</summary>
internal sealed class WorkerFleet(string folder, LeaseTimings timings) : IAsyncDisposable
{
    /// <summary>A drain's own bound is its time-out and a margin of 15 seconds.</summary>
    private static readonly TimeSpan DrainMargin = TimeSpan.FromSeconds(20);

    private readonly List<Slot> _slots = [];
    private readonly List<WorkerProcess> _ended = [];
    private readonly List<ProcessLoss> _losses = [];
    private readonly List<string> _faults = [];
    private readonly Lock _lock = new();
    private int _started;

    /// <summary>Processes that were killed, frozen or cut off.</summary>
    public IReadOnlyList<ProcessLoss> Losses => _losses;

    /// <summary>What went wrong with the processes themselves: a drain that did not end, or not well.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public int Count => _slots.Count;

    /// <summary>Processes that were started so far.</summary>
    public int Started => _started;

    /// <summary>The process of a slot now.</summary>
    public WorkerProcess this[int slot] => _slots[slot].Process;

    /// <summary>The most memory of any process that runs, in MiB.</summary>
    public double PeakMib => _slots.Where(slot => !slot.Process.HasExited).Select(slot => slot.Process.PeakMib).DefaultIfEmpty().Max();

    /// <summary>Adds workers and waits until they are ready.</summary>
    public async Task StartAsync(int count, WorkerSettings settings)
    {
        var added = Enumerable.Range(0, count).Select(_ => new Slot(settings, Start(settings))).ToList();
        _slots.AddRange(added);
        await Task.WhenAll(added.Select(slot => slot.Process.ReadyAsync()));
    }

    /// <summary>SIGKILL, and a new process in its place at once, as a kubelet has it.</summary>
    public async Task KillAsync(int slot)
    {
        Lost(await _slots[slot].Process.KillAsync());
        Replace(slot);
    }

    /// <summary>Fills the slot with a new process, after the one before has ended.</summary>
    public void Replace(int slot)
    {
        lock (_lock)
            _ended.Add(_slots[slot].Process);
        _slots[slot].Process = Start(_slots[slot].Settings);
    }

    /// <summary>Fills the slots of processes that have ended by themselves.</summary>
    /// <returns>How many there were.</returns>
    public int ReplaceEnded()
    {
        var ended = Enumerable.Range(0, Count).Where(slot => this[slot].HasExited).ToList();
        foreach (var slot in ended)
        {
            Lost(new ProcessLoss(this[slot].Name, Clock.Now));
            Replace(slot);
        }

        return ended.Count;
    }

    public void Lost(ProcessLoss loss)
    {
        lock (_lock)
            _losses.Add(loss);
    }

    /// <summary>SIGTERM, and waits for the end of the drain, which is to answer 0.</summary>
    public async Task DrainAsync(int slot)
    {
        var (process, settings) = (_slots[slot].Process, _slots[slot].Settings);
        await process.TerminateAsync();
        var code = await process.WaitForExitAsync(TimeSpan.FromSeconds(settings.DrainSeconds) + DrainMargin);
        if (code == 0)
            return;
        var what = code is { } number ? string.Create(CultureInfo.InvariantCulture, $"exited with {number}") : "did not exit";
        lock (_lock)
            _faults.Add($"{process.Name} {what} after SIGTERM:\n{process.LogEnd}");
    }

    /// <summary>Drains all, those that start just now when they are up: a process that has not got as far as its signals dies of them.</summary>
    public Task DrainAllAsync() => Task.WhenAll(Enumerable.Range(0, Count).Where(slot => !this[slot].HasExited).Select(async slot =>
    {
        await this[slot].ReadyAsync();
        await DrainAsync(slot);
    }));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _slots.Select(slot => slot.Process).Concat(_ended))
            await process.DisposeAsync();
    }

    private WorkerProcess Start(WorkerSettings settings) => WorkerProcess.Start(
        string.Create(CultureInfo.InvariantCulture, $"w{Interlocked.Increment(ref _started)}"), settings, folder, timings);

    private sealed class Slot(WorkerSettings settings, WorkerProcess process)
    {
        public WorkerSettings Settings { get; } = settings;

        public WorkerProcess Process { get; set; } = process;
    }
}
