namespace K8sQueue.Core.Redis;

/// <summary>The sockets that a worker opens to its Redis.</summary>
public static class RedisSockets
{
    /// <summary>
    /// One for its commands, one for the blocking read and one for the heartbeat of its consumer, however many queues that reads. A socket that
    /// is being replaced after a fault may overlap with its successor for a moment.
    /// </summary>
    public const int PerWorker = 3;

    /// <summary>With <see cref="JobDurability.Fsync"/>, one more for the jobs that its handlers enqueue.</summary>
    public const int PerFsyncWorker = PerWorker + 1;
}
