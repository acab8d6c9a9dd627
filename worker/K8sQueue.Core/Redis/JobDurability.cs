namespace K8sQueue.Core.Redis;

/// <summary>What an acknowledged enqueue outlives.</summary>
public enum JobDurability
{
    /// <summary>
    /// The end of the server's process, but for what it has not written yet: with <c>appendfsync everysec</c> and a disk that is slow to sync
    /// up to two seconds. A power cut may take what the server had not synced, about a second; a failover what its replica did not have.
    /// </summary>
    Async,

    /// <summary>A power cut: the job is on the server's disk when the enqueue answers, and on those of so many replicas as are asked for.</summary>
    Fsync,
}
