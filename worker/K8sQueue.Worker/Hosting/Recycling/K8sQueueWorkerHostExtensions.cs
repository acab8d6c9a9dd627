using System.Runtime.InteropServices;
using K8sQueue.Worker.Execution;
using K8sQueue.Worker.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>Runs a host with a worker.</summary>
public static class K8sQueueWorkerHostExtensions
{
    /// <summary>
    /// As <c>Run</c>, but that a signal before the host has started is no fault: what has started by then stops. Where the worker is to be
    /// recycled, the host is disposed, and the process executes itself again under its own id. Answers the exit code otherwise. Call it
    /// last, and on the main thread: what the kernel keeps for a thread (the signal that tells of its parent's death) is the new program's
    /// only there.
    /// </summary>
    public static int RunK8sQueueWorker(this IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var recycle = host.Services.GetRequiredService<RecycleRequest>();
        var gate = host.Services.GetRequiredService<FetchGate>();
        if (HoldHandOver.Take() is { } hold)
            gate.Inherit(hold);
        RunToEndAsync(host).GetAwaiter().GetResult();
        if (!recycle.IsMade || Environment.ExitCode != WorkerExit.Drained)
            return Environment.ExitCode;
        HoldHandOver.Give(gate.Hold);
        var error = SelfExec.Run(recycle);
        if (!recycle.IsMade)
            return Environment.ExitCode;
        Console.Error.WriteLine($"k8squeue-worker: it could not be started again, so it ends: {Marshal.GetPInvokeErrorMessage(error)}");
        return WorkerExit.Failed;
    }

    private static async Task RunToEndAsync(IHost host)
    {
        var lifetime = host.Services.GetRequiredService<IHostApplicationLifetime>();

        // The host's own handlers come as it starts. A signal that waited for this program would end it before, or be lost for PID 1.
        using var terminate = StopOn(PosixSignal.SIGTERM, lifetime);
        using var interrupt = StopOn(PosixSignal.SIGINT, lifetime);
        SelfExec.AcceptSignals();
        try
        {
            await StartAsync(host, lifetime.ApplicationStopping).ConfigureAwait(false);
            await host.WaitForShutdownAsync(CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            if (host is IAsyncDisposable disposable)
                await disposable.DisposeAsync().ConfigureAwait(false);
            else
                host.Dispose();
        }
    }

    private static async Task StartAsync(IHost host, CancellationToken stopping)
    {
        try
        {
            await host.StartAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Told to stop while it started.
        }
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, IHostApplicationLifetime lifetime) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        lifetime.StopApplication();
    });
}
