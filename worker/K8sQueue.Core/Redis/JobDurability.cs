namespace K8sQueue.Core.Redis;

/// <summary>What an acknowledged enqueue outlives.</summary>
public enum JobDurability
{
    /// <summary>
    /// The end of the server's process. A power cut may take what the server had not written to its disk: about a second with
    /// <c>appendfsync everysec</c>; a failover what its replica did not have.
    /// </summary>
    Async,

    /// <summary>A power cut: the job is on the server's disk when the enqueue answers, and on those of so many replicas as are asked for.</summary>
    Fsync,
}
