namespace K8sQueue.Operator.Hosting;

/// <summary>
/// Gives memory back once a burst of work is over: what a rollout of thousands of pools took for a minute is not kept for the days of quiet
/// after it. The runtime itself collects only when something is allocated, which is what does not happen then.
/// </summary>
/// <param name="allocated">Bytes allocated since the process started.</param>
/// <param name="collect">Collects everything, compacts, and gives pages back.</param>
public sealed class HeapTrimmer(TimeProvider time, Func<long> allocated, Action collect) : BackgroundService
{
    /// <summary>How often it is looked.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    /// <summary>Fewer bytes than these in an interval are quiet: leases, probes and scrapes.</summary>
    public const long QuietBytes = 4 * 1024 * 1024;

    /// <summary>More bytes than these since the last time are worth a collection.</summary>
    public const long WorthBytes = 32 * 1024 * 1024;

    private long _before;
    private long _trimmed;

    public HeapTrimmer(TimeProvider time)
        : this(time, static () => GC.GetTotalAllocatedBytes(), static () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true))
    {
    }

    /// <summary>Looks, and collects where it is quiet and worth it; returns whether it did.</summary>
    public bool Look()
    {
        var now = allocated();
        var isQuiet = now - _before < QuietBytes;
        _before = now;
        if (!isQuiet || now - _trimmed < WorthBytes)
            return false;
        collect();
        _trimmed = now;
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
                Look();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The end.
        }
    }
}
