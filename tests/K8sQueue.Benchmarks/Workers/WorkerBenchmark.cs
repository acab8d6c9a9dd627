using System.Globalization;
using K8sQueue.Benchmarks.Processes;
using K8sQueue.Benchmarks.Workers.Report;
using K8sQueue.Benchmarks.Workers.Soak;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Workers;

/// <summary>Starts a worker over and over, then lets one run at full speed, and prints what that took. It asserts nothing about time.</summary>
internal sealed class WorkerBenchmark(WorkerBenchmarkOptions options, TextWriter output)
{
    /// <returns>The exit code: 1 where a worker did not drain at its end, or a job was lost, else 0.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var loadBefore = LoadAverage.Now();
        var folder = Directory.CreateTempSubdirectory("k8squeue-bench-worker-").FullName;
        await using var redis = await RedisServer.StartAsync();
        await WriteLineAsync($"{options.Starts} starts of {options.Worker.FullName}, each probed for {options.Idle.TotalSeconds:0} s (load average {loadBefore:0.0})");
        var starts = new List<StartFigures>();
        for (var start = 1; start <= options.Starts; start++)
        {
            starts.Add(await StartAsync(Path.Combine(folder, $"worker-{start}.log"), redis.Address, cancellationToken));
            await WriteLineAsync($"  ready in {starts[^1].ReadyMilliseconds,4:0} ms, {starts[^1].RssMib:0.0} MiB at rest, drained in {starts[^1].DrainMilliseconds:0} ms, exit code {starts[^1].ExitCode}");
        }

        var soak = options.Soak > TimeSpan.Zero
            ? await new SoakRun(options.Soak, redis.Address, Path.Combine(folder, "soak.log")).RunAsync(cancellationToken)
            : null;
        var report = new WorkerReport(starts, soak, loadBefore, LoadAverage.Now());
        await output.WriteLineAsync();
        report.Write(output);
        await output.WriteLineAsync($"\n{await report.SaveAsync(options.Output)}");
        return starts.TrueForAll(start => start.ExitCode == 0) && soak is not { IsWhole: false } ? 0 : 1;
    }

    private async Task<StartFigures> StartAsync(string log, string redis, CancellationToken cancellationToken)
    {
        await using var worker = WorkerUnderTest.Start(options.Worker, redis, log);
        var ready = await worker.ReadyAsync(cancellationToken);
        var probed = TimeSpan.Zero;
        while (probed < options.Idle)
        {
            await worker.ProbeAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
            probed += TimeSpan.FromSeconds(1);
        }

        var memory = worker.Memory;
        var (drained, exitCode) = await worker.StopAsync();
        return new StartFigures(ready.TotalMilliseconds, memory.RssMib, memory.PeakMib, drained.TotalMilliseconds, exitCode);
    }

    private Task WriteLineAsync(FormattableString line) => output.WriteLineAsync(line.ToString(CultureInfo.InvariantCulture));
}
