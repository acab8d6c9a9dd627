namespace K8sQueue.Core.Jobs;

/// <summary>A stream of a queue, in the order in which workers read them.</summary>
public enum Lane
{
    /// <summary>Jobs that a worker handed back or lost: read first. Producers cannot choose it.</summary>
    Returned = 0,

    /// <summary>Read before <see cref="Normal"/>.</summary>
    High = 1,

    /// <summary>The default. Of eight batches the fourth starts here, so that a busy <see cref="High"/> does not starve it.</summary>
    Normal = 2,

    /// <summary>Read last. Of eight batches the eighth starts here, so it never starves.</summary>
    Low = 3,
}
