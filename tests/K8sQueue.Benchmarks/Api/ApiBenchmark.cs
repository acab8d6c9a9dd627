using System.Globalization;
using System.Runtime.InteropServices;
using K8sQueue.Benchmarks.Api.Report;
using K8sQueue.Benchmarks.Processes;
using K8sQueue.Benchmarks.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Api;

/// <summary>
/// Puts the servers under the same load in turn, run by run, on one Redis. It checks that every job that was answered is there; it asserts nothing
/// about time.
/// </summary>
internal sealed class ApiBenchmark(ApiBenchmarkOptions options, TextWriter output)
{
    private const int FewJobs = 10;

    private readonly List<string> _faults = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("k8squeue-bench-api-").FullName;

    /// <returns>The exit code: 1 where a job was lost or a request refused, else 0.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var loadBefore = LoadAverage.Now();
        await using var redis = await RedisServer.StartAsync();
        await using var cache = await RedisServer.StartAsync("--maxmemory-policy", "allkeys-lru");
        await using var probe = await RedisProbe.ConnectAsync(redis.Address);
        await WriteLineAsync(
            $"Enqueue over HTTP, payload {BenchmarkPayload.Length} bytes, {options.Connections} connections, the API with a key and rate limits, medians of {options.Runs}; Redis {probe.Version}, no AOF, {RuntimeInformation.FrameworkDescription}, {Environment.ProcessorCount} cores for load, servers and Redis together (load average {loadBefore:0.0})");
        var reports = new List<ApiReport>();
        await using (var servers = new ApiServers(options, redis, cache, _folder))
        {
            foreach (var contender in ApiContender.All.Where(contender => options.Only.Contains(contender.Name)))
            {
                var server = await servers.StartAsync(contender, cancellationToken);
                reports.Add(new ApiReport(contender, server.Settings, []));
            }

            for (var run = 1; run <= options.Runs; run++)
            {
                foreach (var report in reports)
                {
                    report.Runs.Add(await MeasureAsync(report.Contender, servers[report.Contender], run, probe, cancellationToken));
                    await WriteLineAsync(
                        $"run {run}  {report.Contender.Title,-24} {report.Runs[^1].PerSecond,9:N0}/s  p50 {report.Runs[^1].P50:N2} ms  p99 {report.Runs[^1].P99:N2} ms  alone p50 {report.Runs[^1].AloneP50:N3} ms  p99 {report.Runs[^1].AloneP99:N3} ms");
                }
            }
        }

        var memory = await MeasureBulkAsync(redis, cache, probe, cancellationToken);
        await output.WriteLineAsync();
        ApiTable.Write(output, reports, memory);
        await output.WriteLineAsync($"\n{await ApiReportFile.WriteAsync(options, reports, memory, loadBefore)}");
        foreach (var fault in _faults)
            await output.WriteLineAsync($"FAULT: {fault}");
        return _faults.Count == 0 ? 0 : 1;
    }

    private async Task<ApiFigures> MeasureAsync(ApiContender contender, ApiServer server, int run, RedisProbe probe, CancellationToken cancellationToken)
    {
        await probe.FlushAsync();
        var cpu = await probe.CpuAsync();
        var load = await LoadAsync(contender, server, options.Connections, options.Load, $"run {run}", cancellationToken);
        cpu = await probe.CpuAsync() - cpu;
        await probe.FlushAsync();
        var alone = await LoadAsync(contender, server, connections: 1, options.Alone, $"run {run}, alone", cancellationToken);
        return new ApiFigures
        {
            PerSecond = load.PerSecond,
            RedisCpuMicroseconds = cpu.TotalMicroseconds / load.Requests,
            P50 = load.P50 / 1e3,
            P99 = load.P99 / 1e3,
            AloneP50 = alone.P50 / 1e3,
            AloneP99 = alone.P99 / 1e3,
        };
    }

    private async Task<LoadResult> LoadAsync(
        ApiContender contender, ApiServer server, int connections, TimeSpan duration, string when, CancellationToken cancellationToken)
    {
        var load = await LoadGenerator.RunAsync(server.Jobs, contender.Body, connections, duration, cancellationToken);
        if (load.Refused + load.Broken > 0)
            _faults.Add($"{contender.Title}, {when}: {load.Refused} requests were refused, {load.Broken} broke.");
        if (!contender.StoresJobs)
            return load;

        // Those whose answer wrk did not wait for at the end may be there, too.
        var waiting = await server.WaitingAsync(cancellationToken);
        if (waiting < load.Requests || waiting > load.Requests + connections)
            _faults.Add($"{contender.Title}, {when}: {load.Requests} requests were answered, and {waiting} jobs wait.");
        return load;
    }

    /// <summary>MiB that a stream of jobs takes above what the API has at rest; null where that is not measured.</summary>
    private async Task<BulkMemory?> MeasureBulkAsync(RedisServer redis, RedisServer cache, RedisProbe probe, CancellationToken cancellationToken)
    {
        if (options.BulkJobs == 0 || !options.Only.Contains(ApiContender.Tracked))
            return null;
        var line = ApiContender.All.Single(contender => contender.Name == ApiContender.Tracked).Body;
        var runs = new List<BulkMemory>();
        for (var run = 1; run <= options.Runs; run++)
        {
            await probe.FlushAsync();
            await using var server = await ApiServer.StartAsync(options.Program, redis, cache, _folder, cancellationToken);

            // A first small request loads the code that the stream runs.
            await server.StreamAsync(FewJobs, line, cancellationToken);
            var idle = server.Memory.RssMib;
            var accepted = await server.StreamAsync(options.BulkJobs, line, cancellationToken);
            runs.Add(new BulkMemory(idle, server.Memory.PeakMib));
            var waiting = await server.WaitingAsync(cancellationToken);
            if (accepted != options.BulkJobs || waiting != options.BulkJobs + FewJobs)
                _faults.Add($"bulk, run {run}: {accepted} of {options.BulkJobs} jobs accepted, {waiting} wait.");
            await WriteLineAsync($"run {run}  a stream of {options.BulkJobs:N0} jobs: {runs[^1].IdleMib:0.0} MiB at rest, {runs[^1].PeakMib:0.0} MiB at most");
        }

        return runs.OrderBy(memory => memory.AboveMib).ElementAt(runs.Count / 2);
    }

    private Task WriteLineAsync(FormattableString line) => output.WriteLineAsync(line.ToString(CultureInfo.InvariantCulture));
}
