using System.Diagnostics;
using K8sQueue.Core.Queues;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.Benchmarks.Queues.Native;

/// <summary>
/// K8sQueue through the whole worker host: slots, a handler call for each job, outcomes, metrics, housekeeping. Jobs are
/// enqueued as <see cref="NativeContender"/> does.
/// </summary>
internal sealed class WorkerContender(string address) : IQueueContender
{
    // Far above what any run takes: past it, what is missing counts as lost.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly NativeContender _producer = new(address, NativeJobs.Untracked);
    private int _concurrency = 500;

    public string Name => "K8sQueue worker";

    public string Settings => $"{_producer.EnqueueSettings}, concurrency {_concurrency}";

    public async Task TuneAsync(Sweep sweep, CancellationToken cancellationToken)
    {
        await _producer.TuneEnqueueAsync(sweep, cancellationToken);
        _concurrency = await sweep.BestAsync([100, 200, 500, 1000, 2000], async concurrency =>
        {
            _concurrency = concurrency;
            await EnqueueAsync(sweep.Jobs, cancellationToken);
            return (await ProcessAsync(sweep.Jobs, cancellationToken)).Elapsed;
        });
    }

    public Task<TimeSpan> EnqueueAsync(int jobs, CancellationToken cancellationToken) => _producer.EnqueueAsync(jobs, cancellationToken);

    public async Task<ProcessedJobs> ProcessAsync(int jobs, CancellationToken cancellationToken)
    {
        var left = jobs;
        using var host = Build(_concurrency, () => Interlocked.Decrement(ref left));
        var queue = host.Services.GetRequiredService<IJobQueue>();
        await queue.CheckHealthAsync(cancellationToken);

        var cpu = Environment.CpuUsage.TotalTime;
        var watch = Stopwatch.StartNew();
        await host.StartAsync(cancellationToken);
        while (watch.Elapsed < Patience)
        {
            // The broker is asked only when all have started, which costs the run nothing.
            if (Volatile.Read(ref left) <= 0
                && (await queue.GetStatisticsAsync(NativeContender.Queue, cancellationToken)).CompletedTotal >= jobs)
            {
                break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancellationToken);
        }

        var elapsed = watch.Elapsed;
        cpu = Environment.CpuUsage.TotalTime - cpu;

        await host.StopAsync(cancellationToken);
        await using var reader = await NativeContender.ConnectAsync(address, cancellationToken);
        var statistics = await reader.GetStatisticsAsync(NativeContender.Queue, cancellationToken);
        return new ProcessedJobs(statistics.CompletedTotal, NativeContender.Left(statistics), elapsed, cpu);
    }

    public async Task<StartLatencies> MeasureLatencyAsync(int jobs, CancellationToken cancellationToken)
    {
        Action onStart = () => { };
        using var host = Build(_concurrency, () => Volatile.Read(ref onStart)());
        await using var producer = await NativeContender.ConnectAsync(address, cancellationToken);
        await host.StartAsync(cancellationToken);
        var samples = await LatencyLoop.RunAsync(
            jobs,
            () => producer.EnqueueAsync([NativeJobs.Plain], cancellationToken).AsTask(),
            start =>
            {
                var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                Volatile.Write(ref onStart, () =>
                {
                    start();
                    started.SetResult();
                });
                return started.Task;
            },
            cancellationToken);
        await host.StopAsync(cancellationToken);
        await using var reader = await NativeContender.ConnectAsync(address, cancellationToken);
        return new StartLatencies(samples, NativeContender.Left(await reader.GetStatisticsAsync(NativeContender.Queue, cancellationToken)));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private IHost Build(int concurrency, Action onStart)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "bench" });
        builder.Services
            .AddRedisJobQueue(redis =>
            {
                redis.Address = address;
                redis.ClientName = "bench";
            })
            .AddK8sQueueWorker(worker =>
            {
                worker.Queues.Add(NativeContender.Queue);
                worker.Concurrency = concurrency;
                worker.ManagementPort = null;
            })
            .AddHandler("noop", (_, _) =>
            {
                onStart();
                return Task.CompletedTask;
            });
        return builder.Build();
    }
}
