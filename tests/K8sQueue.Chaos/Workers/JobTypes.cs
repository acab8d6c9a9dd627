namespace K8sQueue.Chaos.Workers;

/// <summary>The job types of the workers here; <see cref="ChaosHandlers"/> runs them.</summary>
internal static class JobTypes
{
    /// <summary>Waits, and stops when it is told to.</summary>
    public const string Work = "work";

    /// <summary>Waits, and does not hear that it is told to stop.</summary>
    public const string Deaf = "deaf";

    /// <summary>Blocks a thread of the pool, and hears nothing.</summary>
    public const string Block = "block";

    /// <summary>Takes its process with it.</summary>
    public const string Crash = "crash";

    /// <summary>Throws at its first attempts.</summary>
    public const string Fail = "fail";

    /// <summary>Throws an exception that says that another attempt makes no sense.</summary>
    public const string GiveUp = "give-up";

    /// <summary>Never ends, and stops when it is told to.</summary>
    public const string Hang = "hang";

    /// <summary>Never ends, and does not stop.</summary>
    public const string Ignore = "ignore";

    /// <summary>Keeps memory.</summary>
    public const string Leak = "leak";
}
