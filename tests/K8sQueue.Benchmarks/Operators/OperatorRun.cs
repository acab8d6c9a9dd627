using System.Diagnostics;
using System.Globalization;
using K8sQueue.Benchmarks.Operators.Report;
using K8sQueue.Benchmarks.Processes;
using K8sQueue.Operator;

namespace K8sQueue.Benchmarks.Operators;

/// <summary>One scenario on a fresh server: convergence, memory, and the quiet after it.</summary>
internal sealed class OperatorRun(OperatorBenchmarkOptions options, OperatorScenario scenario, TextWriter output)
{
    // Longer than a ready pod needs to count as proof of its revision, which is written down.
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan QuietLimit = TimeSpan.FromSeconds(120);

    public async Task<OperatorFigures> RunAsync(CancellationToken cancellationToken)
    {
        var loadBefore = LoadAverage.Now();
        await output.WriteLineAsync($"{scenario} (load average {loadBefore.ToString("0.0", CultureInfo.InvariantCulture)}):");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Limit);
        await using var cluster = await ClusterUnderTest.StartAsync(options);
        var load = new PoolLoad(scenario, cluster.Client, cluster.RedisAddress);
        await load.CreateNamespacesAsync(limit.Token);
        if (scenario.CreatedFirst)
            await load.CreatePoolsAsync(limit.Token);
        var watch = new ConvergenceWatch(cluster.Client, scenario);

        var serverCpuBefore = cluster.ServerCpu;
        var started = Stopwatch.GetTimestamp();
        await using var program = OperatorUnderTest.Start(options, cluster);
        if (!scenario.CreatedFirst)
        {
            await program.ReadyAsync(TimeSpan.FromSeconds(60));
            started = Stopwatch.GetTimestamp();
        }

        var converging = watch.RunAsync(limit.Token);
        if (!scenario.CreatedFirst)
            await load.CreatePoolsAsync(limit.Token);
        var hasConverged = await WaitAsync(converging, watch, program, limit.Token);
        cancellationToken.ThrowIfCancellationRequested();
        var seconds = Stopwatch.GetElapsedTime(started, hasConverged ? await converging : Stopwatch.GetTimestamp()).TotalSeconds;
        var loadConverged = LoadAverage.Now();
        var audit = new AuditLogReader(cluster.AuditLog, Labels.FieldManager);
        var converged = audit.ReadNew();
        var (settled, trailing) = hasConverged ? await SettleAsync(audit, cancellationToken) : (TimeSpan.Zero, new RequestCounts());
        var cpuConverged = program.Cpu;
        var serverCpu = cluster.ServerCpu - serverCpuBefore;
        var rssConverged = program.Memory.RssMib;
        await output.WriteLineAsync(
            $"  {watch.Converged} converged {(hasConverged ? "in" : "and no more in")} {seconds:0.0} s, CPU {cpuConverged.TotalSeconds:0.0} s, {rssConverged:0} MiB; requests: {converged}");
        await output.WriteLineAsync($"  the API server: CPU {serverCpu.TotalSeconds:0.0} s, {cluster.ServerMemory.PeakMib:0} MiB at most");
        await output.WriteLineAsync($"  quiet {settled.TotalSeconds:0} s later; requests until then: {trailing}");
        var window = hasConverged ? scenario.Steady : TimeSpan.Zero;
        await Task.Delay(window, TimeProvider.System, cancellationToken);
        program.ThrowIfEnded();
        var steady = audit.ReadNew();
        var memory = program.Memory;
        await output.WriteLineAsync($"  in {window.TotalSeconds:0} s then: {steady}");
        return new OperatorFigures(scenario)
        {
            Converged = watch.Converged,
            Seconds = seconds,
            SettleSeconds = settled.TotalSeconds,
            RssMib = memory.RssMib,
            PeakMib = memory.PeakMib,
            CpuSeconds = cpuConverged.TotalSeconds,
            SteadyCpuSeconds = (program.Cpu - cpuConverged).TotalSeconds,
            ConvergenceWrites = converged.Writes + trailing.Writes,
            ConvergenceReads = converged.Reads + trailing.Reads,
            SteadyWrites = steady.Writes,
            SteadyReads = steady.Reads,
            SteadyLeaseWrites = steady.LeaseWrites,
            SteadyWindowSeconds = window.TotalSeconds,
            ServerMib = cluster.ServerMemory.PeakMib,
            ServerCpuSeconds = serverCpu.TotalSeconds,
            LoadBefore = loadBefore,
            LoadConverged = loadConverged,
        };
    }

    /// <summary>Returns whether all converged within the limit.</summary>
    private async Task<bool> WaitAsync(Task converging, ConvergenceWatch watch, OperatorUnderTest program, CancellationToken limit)
    {
        var report = Stopwatch.GetTimestamp();
        while (!converging.IsCompleted)
        {
            await Task.WhenAny(converging, Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None));
            if (limit.IsCancellationRequested)
                return false;
            program.ThrowIfEnded();
            if (Stopwatch.GetElapsedTime(report) < TimeSpan.FromSeconds(10))
                continue;
            report = Stopwatch.GetTimestamp();
            await output.WriteLineAsync($"  {program.Age.TotalSeconds:0} s: {watch.Converged} converged, {program.Memory.RssMib:0} MiB");
        }

        return !limit.IsCancellationRequested;
    }

    /// <summary>Waits for some seconds without a write; what was written until then is counted apart.</summary>
    private static async Task<(TimeSpan After, RequestCounts Requests)> SettleAsync(AuditLogReader audit, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var (lastWrite, all) = (TimeSpan.Zero, new RequestCounts());
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            var now = Stopwatch.GetElapsedTime(started);
            var more = audit.ReadNew();
            all.Add(more);
            if (more.Writes > 0)
                lastWrite = now;
            if (now - lastWrite >= Quiet || now >= QuietLimit)
                return (lastWrite, all);
        }
    }
}
