using System.Globalization;
using System.Runtime.InteropServices;
using K8sQueue.Benchmarks.Queues.Report;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Queues;

/// <summary>
/// Measures the contenders in turn on one Redis server, run by run, so that a slow minute of the machine meets all of them.
/// It checks that nothing was lost; it asserts nothing about time.
/// </summary>
internal sealed class QueueBenchmark(QueueBenchmarkOptions options, TextWriter output)
{
    // Redis' allocator keeps what was freed, as it would in a server whose backlog comes and goes, in place of giving it back little by little:
    // what a page fault costs is the machine's. Debian's Redis reads the first name, one that brings its own allocator the second.
    private const string KeepMemory = "dirty_decay_ms:-1,muzzy_decay_ms:-1";
    private static readonly string[] Launcher = ["env", $"MALLOC_CONF={KeepMemory}", $"JE_MALLOC_CONF={KeepMemory}"];

    private const int WarmUpLatencyJobs = 100;
    private const int LatencySlice = 100;
    private readonly List<string> _faults = [];

    /// <returns>The exit code: 1 where a job was lost or left, else 0.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        string[] persistence = options.Aof ? ["--appendonly", "yes", "--appendfsync", "everysec"] : [];
        await using var server = await RedisServer.StartByAsync(Launcher, persistence);
        await using var redis = await RedisProbe.ConnectAsync(server.Address);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{options.Jobs:N0} no-op jobs, payload {BenchmarkPayload.Length} bytes, medians of {options.Runs}; Redis {redis.Version}{(options.Aof ? ", AOF everysec" : ", no AOF")}, {RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} cores"));

        var contenders = new List<(string Name, IQueueContender Contender, List<QueueFigures> Runs)>();
        try
        {
            foreach (var name in QueueContenders.Names.Intersect(options.Only))
            {
                var contender = await QueueContenders.StartAsync(name, server, cancellationToken);
                contenders.Add((name, contender, []));
                await contender.TuneAsync(new Sweep(redis, options.SweepJobs), cancellationToken);
                await redis.FlushAsync();
                await contender.MeasureLatencyAsync(WarmUpLatencyJobs, cancellationToken);
            }

            for (var run = 1; run <= options.Runs; run++)
            {
                var figures = new List<QueueFigures>();
                foreach (var (_, contender, _) in contenders)
                    figures.Add(await MeasureAsync(contender, run, redis, cancellationToken));
                var latencies = await MeasureLatenciesAsync([.. contenders.Select(c => c.Contender)], run, redis, cancellationToken);
                for (var i = 0; i < contenders.Count; i++)
                {
                    contenders[i].Runs.Add(figures[i] with
                    {
                        P50 = Percentile.Of(latencies[i], 50),
                        P99 = Percentile.Of(latencies[i], 99),
                    });
                    await WriteRunAsync(run, contenders[i].Contender.Name, contenders[i].Runs[^1]);
                }
            }

            var reports = contenders.ConvertAll(c => new ContenderReport(c.Name, c.Contender.Name, c.Contender.Settings, c.Runs));
            await output.WriteLineAsync();
            QueueTable.Write(output, reports);
            var path = await QueueReportFile.WriteAsync(options.Output, options.Jobs, reports);
            await output.WriteLineAsync($"\n{path}");
        }
        finally
        {
            foreach (var (_, contender, _) in contenders)
                await contender.DisposeAsync();
        }

        foreach (var fault in _faults)
            await output.WriteLineAsync($"LOST: {fault}");
        return _faults.Count == 0 ? 0 : 1;
    }

    private async Task<QueueFigures> MeasureAsync(IQueueContender contender, int run, RedisProbe redis, CancellationToken cancellationToken)
    {
        GC.Collect();
        await redis.FlushAndReleaseMemoryAsync();
        var enqueuedToNewMemory = await contender.EnqueueAsync(options.Jobs, cancellationToken);

        GC.Collect();
        await redis.FlushAsync();
        await redis.ResetStatisticsAsync();
        var enqueued = await contender.EnqueueAsync(options.Jobs, cancellationToken);
        await WriteCommandStatisticsAsync($"{contender.Name}, bulk enqueue", redis);

        GC.Collect();
        var cpu = await redis.CpuAsync();
        var processed = await contender.ProcessAsync(options.Jobs, cancellationToken);
        cpu = await redis.CpuAsync() - cpu;
        await WriteCommandStatisticsAsync($"{contender.Name}, process", redis);
        if (processed.Completed != options.Jobs || processed.Left != 0)
            _faults.Add($"{contender.Name}, run {run}: {processed.Completed} of {options.Jobs} jobs completed, {processed.Left} left.");

        return new QueueFigures
        {
            EnqueuedToNewMemoryPerSecond = options.Jobs / enqueuedToNewMemory.TotalSeconds,
            EnqueuedPerSecond = options.Jobs / enqueued.TotalSeconds,
            ProcessedPerSecond = processed.Completed / processed.Elapsed.TotalSeconds,
            RedisCpuMicroseconds = cpu.TotalMicroseconds / options.Jobs,
            ClientCpuMicroseconds = processed.ClientCpu.TotalMicroseconds / options.Jobs,
        };
    }

    /// <summary>A slice of each contender's samples in turn, so that a slow second of the machine meets all of them.</summary>
    private async Task<List<double>[]> MeasureLatenciesAsync(
        IQueueContender[] contenders, int run, RedisProbe redis, CancellationToken cancellationToken)
    {
        var samples = Array.ConvertAll(contenders, _ => new List<double>());
        for (var left = options.LatencyJobs; left > 0; left -= LatencySlice)
        {
            for (var i = 0; i < contenders.Length; i++)
            {
                await redis.FlushAsync();
                var latencies = await contenders[i].MeasureLatencyAsync(Math.Min(left, LatencySlice), cancellationToken);
                samples[i].AddRange(latencies.Milliseconds);
                if (latencies.Left != 0)
                    _faults.Add($"{contenders[i].Name}, run {run}: {latencies.Left} single jobs left.");
            }
        }

        return samples;
    }

    private Task WriteRunAsync(int run, string name, QueueFigures figures) => output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
        $"run {run}  {name,-20} enqueued {figures.EnqueuedPerSecond,9:N0}/s ({figures.EnqueuedToNewMemoryPerSecond,9:N0}/s to new memory)  processed {figures.ProcessedPerSecond,9:N0}/s  p50 {figures.P50:N3} ms  p99 {figures.P99:N3} ms"));

    private async Task WriteCommandStatisticsAsync(string what, RedisProbe redis)
    {
        if (!options.CommandStatistics)
            return;
        await output.WriteLineAsync($"  {what}: microseconds of Redis for each job, calls (commands inside a script count in the script too)");
        foreach (var (command, calls, microseconds) in await redis.CommandStatisticsAsync())
        {
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"    {command,-24}{microseconds / options.Jobs,10:N3}{calls,12:N0}"));
        }

        await redis.ResetStatisticsAsync();
    }
}
