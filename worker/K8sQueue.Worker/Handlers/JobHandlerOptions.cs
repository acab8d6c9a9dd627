namespace K8sQueue.Worker.Handlers;

/// <summary>How jobs of one type run.</summary>
public sealed class JobHandlerOptions
{
    /// <summary>
    /// How long an attempt may run; the job's own time-out counts where it is shorter. Null, the default, sets no limit.
    /// </summary>
    public TimeSpan? Timeout { get; set; }
}
