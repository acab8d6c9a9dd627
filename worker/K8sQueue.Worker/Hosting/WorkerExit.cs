namespace K8sQueue.Worker.Hosting;

/// <summary>What the worker's process exits with.</summary>
public static class WorkerExit
{
    /// <summary>It drained.</summary>
    public const int Drained = 0;

    /// <summary>It failed in a way that nobody foresaw.</summary>
    public const int Failed = 1;

    /// <summary>Its settings, or the broker's, are wrong: a restart does not help (EX_CONFIG of sysexits.h).</summary>
    public const int Misconfigured = 78;
}
