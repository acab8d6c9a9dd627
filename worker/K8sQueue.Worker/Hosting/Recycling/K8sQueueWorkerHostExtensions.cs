using System.Runtime.InteropServices;
using K8sQueue.Worker.Hosting;

namespace Microsoft.Extensions.Hosting;

/// <summary>Runs a host with a worker.</summary>
public static class K8sQueueWorkerHostExtensions
{
    /// <summary>
    /// As <c>Run</c>; where the worker is to be recycled, the host is disposed, and the process executes itself again under its own id.
    /// Answers the exit code otherwise. Call it last, and on the main thread: what the kernel keeps for a thread (the signal that tells of
    /// its parent's death) is the new program's only there.
    /// </summary>
    public static int RunK8sQueueWorker(this IHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        var recycle = host.Services.GetRequiredService<RecycleRequest>();
        SelfExec.AcceptSignals();
        host.Run();
        if (!recycle.IsMade || Environment.ExitCode != WorkerExit.Drained)
            return Environment.ExitCode;
        var error = SelfExec.Run();
        Console.Error.WriteLine($"k8squeue-worker: it could not be started again, so it ends: {Marshal.GetPInvokeErrorMessage(error)}");
        return WorkerExit.Failed;
    }
}
