namespace K8sQueue.Testing;

/// <summary>
/// How the worker's program is started: natively, as in its image, where K8SQUEUE_WORKER_PROGRAM names what <c>make worker</c> left (<c>make test</c> says
/// so), else by dotnet from its assembly.
/// </summary>
public static class WorkerExecutable
{
    public static string[] Command(string assembly) =>
        Environment.GetEnvironmentVariable("K8SQUEUE_WORKER_PROGRAM") is { Length: > 0 } program ? [program] : ["dotnet", assembly];
}
