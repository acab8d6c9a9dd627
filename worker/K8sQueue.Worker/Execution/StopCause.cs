namespace K8sQueue.Worker.Execution;

/// <summary>Why a handler was told to stop. The first cause stands.</summary>
internal enum StopCause
{
    None,

    /// <summary>The lease was lost, or may be: the broker was silent for too long.</summary>
    Lost,

    /// <summary>The job was cancelled.</summary>
    Cancelled,

    /// <summary>The attempt took too long.</summary>
    TimedOut,

    /// <summary>The drain ran out of time, or began while the job waited for its turn, or before it had to.</summary>
    Draining,
}
