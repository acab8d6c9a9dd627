using System.Diagnostics;
using System.Globalization;
using K8sQueue.Benchmarks.Processes;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.Benchmarks.Queues.Many;

/// <summary>A worker host in this process serves many queues of a redis-server. It asserts nothing about time.</summary>
internal sealed class ManyQueuesBenchmark(ManyQueuesOptions options, TextWriter output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan BetweenJobs = TimeSpan.FromMilliseconds(100);

    private readonly string[] _queues =
        [.. Enumerable.Range(0, options.Queues).Select(i => i.ToString("'q'0000", CultureInfo.InvariantCulture))];

    private Action _onStart = () => { };

    /// <returns>The exit code: 1 where a job was lost or left, else 0.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var probe = await RedisProbe.ConnectAsync(redis.Address);
        using var host = Build(redis.Address);
        var jobs = host.Services.GetRequiredService<IJobQueue>();
        await WriteLineAsync($"{options.Queues:N0} queues, concurrency {options.Concurrency}, jobs of {options.Duration.TotalMilliseconds:0} ms, load average {LoadAverage.Now():0.0}");
        await EnqueueAsync(jobs, cancellationToken);

        await WorkAsync(host, probe, cancellationToken);
        await Task.Delay(Settle, TimeProvider.System, cancellationToken);
        await RestAsync(probe, cancellationToken);
        await MeasureStartsAsync(jobs, cancellationToken);

        var watch = Stopwatch.StartNew();
        await host.StopAsync(cancellationToken);
        await WriteLineAsync($"drained in {watch.ElapsedMilliseconds:N0} ms");
        return await IsWholeAsync(redis.Address, cancellationToken) ? 0 : 1;
    }

    private async Task EnqueueAsync(IJobQueue jobs, CancellationToken cancellationToken)
    {
        foreach (var part in Enumerable.Range(0, options.Jobs).Select(i => Job(_queues[i % _queues.Length])).Chunk(10_000))
            await jobs.EnqueueAsync(part, cancellationToken);
    }

    private async Task WorkAsync(IHost host, RedisProbe probe, CancellationToken cancellationToken)
    {
        var left = options.Jobs;
        var first = 0L;
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _onStart, () =>
        {
            Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0);
            if (Interlocked.Decrement(ref left) == 0)
                ended.SetResult();
        });
        var server = await probe.CpuAsync();
        var started = Stopwatch.GetTimestamp();
        await host.StartAsync(cancellationToken);
        await ended.Task.WaitAsync(Patience, cancellationToken);
        var elapsed = Stopwatch.GetElapsedTime(first);
        server = await probe.CpuAsync() - server;
        await WriteLineAsync($"backlog: {options.Jobs / elapsed.TotalSeconds:N0} jobs/s ({options.Jobs:N0} jobs in {elapsed.TotalSeconds:0.0} s), first start after {Stopwatch.GetElapsedTime(started, first).TotalMilliseconds:N0} ms, Redis {server.TotalSeconds / elapsed.TotalSeconds:P0} of a processor");
    }

    private async Task RestAsync(RedisProbe probe, CancellationToken cancellationToken)
    {
        var (server, own) = (await probe.CpuAsync(), Environment.CpuUsage.TotalTime);
        await probe.ResetStatisticsAsync();
        await Task.Delay(options.Idle, TimeProvider.System, cancellationToken);
        var statistics = await probe.CommandStatisticsAsync();
        (server, own) = (await probe.CpuAsync() - server, Environment.CpuUsage.TotalTime - own);
        var seconds = options.Idle.TotalSeconds;
        double PerSecond(params string[] commands) => statistics.Where(s => commands.Contains(s.Command)).Sum(s => s.Calls) / seconds;
        await WriteLineAsync($"at rest: {PerSecond("evalsha", "eval"):N0} scripts/s, {statistics.Sum(s => s.Calls) / seconds:N0} commands/s with those in scripts, {PerSecond("info"):N1} INFO/s, Redis {server.TotalSeconds / seconds:P1} and the worker {own.TotalSeconds / seconds:P1} of a processor");
        foreach (var (command, calls, _) in statistics.Take(12))
            await WriteLineAsync($"  {command,-20} {calls / seconds,10:N1}/s");
    }

    private async Task MeasureStartsAsync(IJobQueue jobs, CancellationToken cancellationToken)
    {
        var samples = new List<double>();
        for (var i = 0; i < options.Latencies; i++)
        {
            var started = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            Volatile.Write(ref _onStart, () => started.TrySetResult(Stopwatch.GetTimestamp()));
            var at = Stopwatch.GetTimestamp();
            await jobs.EnqueueAsync([Job(_queues[i * 7919L % _queues.Length])], cancellationToken);
            samples.Add(Stopwatch.GetElapsedTime(at, await started.Task.WaitAsync(Patience, cancellationToken)).TotalMilliseconds);
            await Task.Delay(BetweenJobs, TimeProvider.System, cancellationToken);
        }

        samples.Sort();
        await WriteLineAsync($"starts on idle queues: p50 {samples[samples.Count / 2]:0.0} ms, p99 {samples[samples.Count * 99 / 100]:0.0} ms");
    }

    private async Task<bool> IsWholeAsync(string address, CancellationToken cancellationToken)
    {
        await using var reader = await Native.NativeContender.ConnectAsync(address, cancellationToken);
        var statistics = await Task.WhenAll(_queues.Select(queue => reader.GetStatisticsAsync(queue, cancellationToken).AsTask()));
        var (completed, left) = (statistics.Sum(s => s.CompletedTotal), statistics.Sum(Native.NativeContender.Left));
        await WriteLineAsync($"{completed:N0} completed, {left:N0} left");
        return completed == options.Jobs + options.Latencies && left == 0;
    }

    private IHost Build(string address)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "bench" });
        builder.Services
            .AddRedisJobQueue(redis => redis.Address = address)
            .AddK8sQueueWorker(worker =>
            {
                foreach (var queue in _queues)
                    worker.Queues.Add(queue);
                worker.Concurrency = options.Concurrency;
                worker.ManagementPort = null;
            })
            .AddHandler("noop", (_, _) =>
            {
                Volatile.Read(ref _onStart)();
                return options.Duration > TimeSpan.Zero ? Task.Delay(options.Duration, TimeProvider.System, CancellationToken.None) : Task.CompletedTask;
            });
        return builder.Build();
    }

    private static JobRequest Job(string queue) => new() { Queue = queue, Type = "noop", Payload = BenchmarkPayload.Utf8 };

    private Task WriteLineAsync(FormattableString line) => output.WriteLineAsync(line.ToString(CultureInfo.InvariantCulture));
}
