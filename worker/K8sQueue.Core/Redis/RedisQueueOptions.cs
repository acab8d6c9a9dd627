using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Redis;

/// <summary>
/// Settings of the queue on Redis.
/// <para>Sockets: a process opens one for its commands; every open consumer opens two more, for its reads and for its heartbeat;
/// a process without consumers opens one more to enqueue.</para>
/// </summary>
public sealed class RedisQueueOptions
{
    /// <summary><c>host:port</c>, or a host alone for port 6379. Required.</summary>
    public string Address { get; set; } = string.Empty;

    /// <summary>The password of the default user; null for none.</summary>
    public string? Password { get; set; }

    /// <summary>A file with the password, read again before each connect; it goes before <see cref="Password"/>.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>The number of the database. The default value is 0.</summary>
    public int Database { get; set; }

    /// <summary>Whether to use TLS. The server's certificate and name are verified. The default value is false.</summary>
    public bool Tls { get; set; }

    /// <summary>A PEM file with the authorities to trust in place of the system's, read again at each connect.</summary>
    public string? CaFile { get; set; }

    /// <summary>Those authorities as PEM text, for who has no file; <see cref="CaFile"/> goes before it.</summary>
    public string? CaPem { get; set; }

    /// <summary>The name of every connection (CLIENT SETNAME): a worker's is its pod's. The default value is <c>k8squeue</c>.</summary>
    public string ClientName { get; set; } = "k8squeue";

    /// <summary>How long an owner may be silent before its jobs are recovered. The default value is 6 seconds.</summary>
    public TimeSpan Lease { get; set; } = JobQueueDefaults.Lease;

    /// <summary>How often leases are renewed. The default value is 1.5 seconds.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1.5);

    /// <summary>
    /// How often whoever calls <see cref="IJobQueue.MaintainAsync"/> does so; the only setting of it. After three of these
    /// without any housekeeping, leases are left alone for one <see cref="Lease"/>: a caller with a longer interval of its own
    /// would recover nothing, ever. The default value is 1 second.
    /// </summary>
    public TimeSpan MaintenanceInterval { get; set; } = JobQueueDefaults.MaintenanceInterval;

    /// <summary>How long a call may take before the server counts as unavailable. The default value is 5 seconds.</summary>
    public TimeSpan OperationTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a fetch waits on idle queues before it returns empty. The default value is 5 seconds.</summary>
    public TimeSpan IdleWait { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often a consumer of a paused queue looks whether it was resumed. The default value is 0.5 seconds.</summary>
    public TimeSpan PausedPollInterval { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>After which silence a consumer that owns nothing is removed. The default value is 1 minute.</summary>
    public TimeSpan ConsumerExpiry { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Crashes after which a job is a dead letter; twice as many where its worker is lost after its trial (ADR 31). The default value is 3.</summary>
    public int MaxCrashes { get; set; } = JobQueueDefaults.MaxCrashes;

    /// <summary>How long a tracked job's record outlives its completion. The default value is 1 hour.</summary>
    public TimeSpan CompletedRetention { get; set; } = JobQueueDefaults.CompletedRetention;

    /// <summary>How long a tracked job's record outlives its burial. The default value is 7 days.</summary>
    public TimeSpan DeadRetention { get; set; } = JobQueueDefaults.DeadRetention;

    /// <summary>
    /// What an acknowledged enqueue outlives. <see cref="JobDurability.Fsync"/> is refused by a server that can't promise it, and has a worker that
    /// enqueues open one more socket. The default value is <see cref="JobDurability.Async"/>.
    /// </summary>
    public JobDurability Durability { get; set; }

    /// <summary>With <see cref="JobDurability.Fsync"/>, how many replicas are to have the job on their disks too, 0 to 16. The default value is 0.</summary>
    public int FsyncReplicas { get; set; }

    /// <summary>
    /// How many events of a queue are kept, about: 0, for none, to 1,000,000. Who does the housekeeping sets it for all. The default value is 10,000.
    /// </summary>
    public int EventsLimit { get; set; } = JobQueueDefaults.EventsLimit;

    /// <summary>The largest payload that an enqueue takes, in bytes: 1 KiB to 16 MiB. The default value is 1 MiB.</summary>
    public int MaxPayloadBytes { get; set; } = JobLimits.MaxPayloadBytes;

    /// <summary>Above how many bytes, 1 to 1 MiB, a payload is kept in a key of its own. The default value is 32 KiB.</summary>
    public int InlinePayloadBytes { get; set; } = 32 * 1024;

    /// <summary>Above how many bytes a payload is compressed; null, the default, for never. 8 KiB is a good value for text.</summary>
    public int? CompressAboveBytes { get; set; }

    /// <summary>The smallest fetch that may read a lane with a plain command; tests make small ones do so.</summary>
    internal int LeastDirectJobs { get; set; } = 50;
}
