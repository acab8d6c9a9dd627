using System.Diagnostics;
using K8sQueue.Worker.Handlers;
using Microsoft.Extensions.DependencyInjection;

namespace K8sQueue.Chaos.Workers;

/// <summary>Handlers, most of which nobody should write.</summary>
internal static class ChaosHandlers
{
    private const int LeakedBytes = 4 * 1024 * 1024;

    private static readonly List<byte[]> Leaked = [];
    private static readonly TimeSpan BeforeCrash = TimeSpan.FromMilliseconds(50);

    public static K8sQueueWorkerBuilder AddChaosHandlers(this K8sQueueWorkerBuilder worker) => worker
        .Use<HistoryMiddleware>()
        .AddHandler(JobTypes.Work, (context, token) => WaitAsync(Job(context).Duration, token))
        .AddHandler(JobTypes.Deaf, (context, _) => WaitAsync(Job(context).Duration, CancellationToken.None))
        .AddHandler(JobTypes.Block, (context, _) => Block(Job(context).Duration))
        .AddHandler(JobTypes.Crash, (_, _) => CrashAsync())
        .AddHandler(JobTypes.Fail, (context, token) => FailAsync(Job(context), context.Attempt, token))
        .AddHandler(JobTypes.GiveUp, (_, _) => throw new UnrecoverableJobException("No attempt makes sense."))
        .AddHandler(JobTypes.Hang, (_, token) => WaitAsync(Timeout.InfiniteTimeSpan, token))
        .AddHandler(JobTypes.Ignore, (_, _) => WaitAsync(Timeout.InfiniteTimeSpan, CancellationToken.None))
        .AddHandler(JobTypes.Leak, (context, token) => LeakAsync(Job(context).Duration, token));

    /// <summary>The payload, as <see cref="HistoryMiddleware"/> read it.</summary>
    private static ChaosJob Job(JobContext context) => (ChaosJob)context.Items[nameof(ChaosJob)]!;

    private static Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken) =>
        Task.Delay(duration, TimeProvider.System, cancellationToken);

    private static Task Block(TimeSpan duration)
    {
        using var never = new ManualResetEventSlim();
        never.Wait(duration);
        return Task.CompletedTask;
    }

    // As the kernel ends a process that takes too much memory.
    private static async Task CrashAsync()
    {
        await WaitAsync(BeforeCrash, CancellationToken.None);
        using var self = Process.GetCurrentProcess();
        self.Kill();
    }

    private static async Task FailAsync(ChaosJob job, int attempt, CancellationToken cancellationToken)
    {
        await WaitAsync(job.Duration, cancellationToken);
        if (attempt <= job.Failures)
            throw new InvalidOperationException($"Attempt {attempt} fails.");
    }

    private static Task LeakAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        var bytes = new byte[LeakedBytes];
        bytes.AsSpan().Fill(1);
        lock (Leaked)
            Leaked.Add(bytes);
        return WaitAsync(duration, cancellationToken);
    }
}
