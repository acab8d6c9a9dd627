using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Workers;

/// <summary>One worker, a process of the operating system.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(60);

    private readonly ChildProgram _program;
    private readonly string _folder;

    private WorkerProcess(string name, ChildProgram program, string folder)
    {
        Name = name;
        _program = program;
        _folder = folder;
    }

    /// <summary>Unique in a scenario.</summary>
    public string Name { get; }

    public bool HasExited => _program.HasExited;

    /// <summary>The last lines of its log.</summary>
    public string LogEnd => _program.LogEnd;

    public double PeakMib => _program.Memory.PeakMib;

    public static WorkerProcess Start(string name, WorkerSettings settings, string folder, LeaseTimings timings)
    {
        var log = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, name)).FullName, "worker.log");
        var program = ChildProgram.Start(
            log, settings.ToEnvironment(name, folder, timings), "dotnet", typeof(WorkerProcess).Assembly.Location, ChaosWorker.Verb);
        return new WorkerProcess(name, program, folder);
    }

    /// <summary>Waits until its consumer is open.</summary>
    public Task ReadyAsync() => WaitAsync(HistoryFile.HasOpened);

    /// <summary>Waits until a handler of it runs.</summary>
    public Task AtWorkAsync() => WaitAsync(HistoryFile.IsAtWork);

    /// <summary>SIGKILL.</summary>
    /// <returns>From when on nobody heard of it.</returns>
    public async Task<ProcessLoss> KillAsync()
    {
        var loss = new ProcessLoss(Name, Clock.Now);
        await _program.KillAsync();
        return loss;
    }

    /// <summary>SIGSTOP.</summary>
    /// <inheritdoc cref="KillAsync" path="/returns"/>
    public async Task<ProcessLoss> FreezeAsync()
    {
        await _program.SignalAsync("STOP");
        return new ProcessLoss(Name, Clock.Now);
    }

    /// <summary>SIGCONT, after <see cref="FreezeAsync"/>.</summary>
    public Task ThawAsync() => _program.SignalAsync("CONT");

    /// <summary>SIGTERM.</summary>
    public Task TerminateAsync() => _program.SignalAsync("TERM");

    /// <inheritdoc cref="ChildProgram.WaitForExitAsync"/>
    public Task<int?> WaitForExitAsync(TimeSpan within) => _program.WaitForExitAsync(within);

    public async ValueTask DisposeAsync()
    {
        if (!_program.HasExited)
            await _program.KillAsync();
        await _program.DisposeAsync();
    }

    private Task WaitAsync(Func<string, string, bool> history) => Eventually.IsTrue(
        () =>
        {
            _program.ThrowIfEnded();
            return history(_folder, Name);
        },
        ReadyBound);
}
