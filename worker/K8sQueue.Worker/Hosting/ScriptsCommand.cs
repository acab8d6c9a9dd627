using K8sQueue.Core.Redis;

namespace K8sQueue.Worker.Hosting;

/// <summary><c>scripts --output DIR</c>: writes the queue's scripts for programs in other languages.</summary>
internal static class ScriptsCommand
{
    public const string Name = "scripts";

    public static int Run(ReadOnlySpan<string> arguments, TextWriter error)
    {
        if (arguments is not ["--output", { Length: > 0 } directory])
        {
            error.WriteLine($"usage: K8sQueue.Worker {Name} --output DIR");
            return WorkerExit.Misconfigured;
        }

        try
        {
            RedisScriptExport.WriteTo(directory);
            return WorkerExit.Drained;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            error.WriteLine($"k8squeue-worker: the scripts can't be written: {e.Message}");
            return WorkerExit.Misconfigured;
        }
    }
}
