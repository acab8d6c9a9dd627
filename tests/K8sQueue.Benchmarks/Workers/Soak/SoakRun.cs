using System.Diagnostics;
using K8sQueue.Benchmarks.Queues.Native;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Testing;

namespace K8sQueue.Benchmarks.Workers.Soak;

/// <summary>A worker host with a handler that does nothing, in a process of its own, whose queue never gets empty.</summary>
internal sealed class SoakRun(TimeSpan duration, string redis, string log)
{
    private const int Batch = 500;
    private const int Backlog = 20_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    public async Task<SoakFigures> RunAsync(CancellationToken cancellationToken)
    {
        await using var queue = await NativeContender.ConnectAsync(redis, cancellationToken);
        await using (var worker = ChildProgram.Start(
            log, new Dictionary<string, string>(), "dotnet", typeof(SoakRun).Assembly.Location, SoakWorkerCommand.Name, redis))
        {
            await FeedAsync(queue, worker, cancellationToken);
            await worker.StopAsync();
        }

        var statistics = await queue.GetStatisticsAsync(NativeContender.Queue, cancellationToken);
        var isWhole = statistics.EnqueuedTotal == statistics.CompletedTotal + NativeContender.Left(statistics);
        return SoakFigures.From([.. SoakSample.Of(File.ReadLines(log))], isWhole);
    }

    private async Task FeedAsync(IJobQueue queue, ChildProgram worker, CancellationToken cancellationToken)
    {
        var jobs = new JobRequest[Batch];
        Array.Fill(jobs, NativeJobs.Plain);
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < duration)
        {
            worker.ThrowIfEnded();
            var waiting = (await queue.GetStatisticsAsync(NativeContender.Queue, cancellationToken)).Backlog.Waiting;
            for (; waiting < Backlog; waiting += Batch)
                await queue.EnqueueAsync(jobs, cancellationToken);
            await Task.Delay(Pause, TimeProvider.System, cancellationToken);
        }
    }
}
