namespace K8sQueue.Worker.Hosting;

/// <summary>What a look at the worker leads to.</summary>
internal enum RecycleStep
{
    None,

    /// <summary>Collect garbage, and look again: what is free is no leak.</summary>
    Collect,

    /// <summary>Finish what runs and start anew.</summary>
    Recycle,
}

/// <summary>When a worker is recycled. No I/O, no clock.</summary>
internal static class RecycleRules
{
    /// <summary>
    /// How long a process runs at least before its memory recycles it: a ceiling that it exceeds from the start would have it do nothing else.
    /// </summary>
    public static readonly TimeSpan MinUptime = TimeSpan.FromSeconds(30);

    /// <summary>How long a collection counts.</summary>
    public static readonly TimeSpan CollectionCounts = TimeSpan.FromSeconds(10);

    /// <param name="options">The limits.</param>
    /// <param name="jobs">Jobs that were fetched since the process started.</param>
    /// <param name="workingSet">The process's memory in bytes.</param>
    /// <param name="uptime">How long it runs.</param>
    /// <param name="sinceCollection">How long ago it was told to collect; null where it was not.</param>
    public static RecycleStep Decide(WorkerOptions options, long jobs, long workingSet, TimeSpan uptime, TimeSpan? sinceCollection)
    {
        if (options.RecycleAfterJobs > 0 && jobs >= options.RecycleAfterJobs)
            return RecycleStep.Recycle;
        if (options.RecycleAboveMiB == 0 || workingSet <= options.RecycleAboveMiB * 1024L * 1024 || uptime < MinUptime)
            return RecycleStep.None;
        return sinceCollection <= CollectionCounts ? RecycleStep.Recycle : RecycleStep.Collect;
    }
}
