using System.CommandLine;
using System.Diagnostics;
using K8sQueue.Benchmarks.Queues.Native;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace K8sQueue.Benchmarks.Workers.Soak;

/// <summary>The process of a soak: a worker host that prints a <see cref="SoakSample"/> each second. For <see cref="SoakRun"/> alone.</summary>
internal static class SoakWorkerCommand
{
    public const string Name = "soak-worker";

    private const int Concurrency = 500;

    public static Command Create()
    {
        var redis = new Argument<string>("redis");
        var command = new Command(Name) { redis };
        command.Hidden = true;
        command.SetAction((parsed, _) => RunAsync(parsed.GetRequiredValue(redis)));
        return command;
    }

    private static async Task RunAsync(string redis)
    {
        var jobs = 0L;
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = Name });
        builder.Services
            .AddRedisJobQueue(options => options.Address = redis)
            .AddK8sQueueWorker(worker =>
            {
                worker.Queues.Add(NativeContender.Queue);
                worker.Concurrency = Concurrency;
                worker.ManagementPort = null;
            })
            .AddHandler("noop", (_, _) =>
            {
                Interlocked.Increment(ref jobs);
                return Task.CompletedTask;
            });
        using var host = builder.Build();
        var started = Stopwatch.GetTimestamp();
        await host.StartAsync();
        var ended = host.WaitForShutdownAsync();
        using var ticks = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        while (!ended.IsCompleted && await ticks.WaitForNextTickAsync())
            Console.Out.WriteLine(SoakSample.Now(Stopwatch.GetElapsedTime(started), Interlocked.Read(ref jobs)));
        await ended;
    }
}
