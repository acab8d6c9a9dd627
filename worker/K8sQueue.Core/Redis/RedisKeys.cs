using K8sQueue.Core.Jobs;

namespace K8sQueue.Core.Redis;

/// <summary>
/// The names of a queue's keys: <c>k8squeue:{&lt;queue&gt;}:...</c>. The braces are a hash tag: every key of a queue is in
/// one cluster slot. docs/reference/redis-queue.md lists what is in them.
/// </summary>
public sealed class RedisKeys
{
    /// <summary>What every key starts with.</summary>
    public const string Prefix = "k8squeue:";

    /// <summary>The consumer group of every lane.</summary>
    public const string Group = "workers";

    /// <summary>The set of the names of all queues that took a job.</summary>
    public const string Registry = Prefix + "queues";

    /// <summary>Stream: what was done to queues lately, and by whom.</summary>
    public const string Audit = Prefix + "audit";

    /// <summary>Hash: when keys of the API were last used, in ms, by their names.</summary>
    public const string KeyUses = Prefix + "key-uses";

    /// <summary>String: how all queues together stood over the last week. Expires.</summary>
    public const string AllTrends = Prefix + "trends";

    public RedisKeys(string queue)
    {
        QueueName.ThrowIfInvalid(queue);
        Queue = queue;
        Base = string.Concat(Prefix, "{", queue, "}:");
        Version = Base + "version";
        Lanes = [LaneKey(Lane.Returned), LaneKey(Lane.High), LaneKey(Lane.Normal), LaneKey(Lane.Low)];
        Delayed = Base + "delayed";
        DelayedJobs = Base + "delayed:jobs";
        Dead = Base + "dead";
        DeadJobs = Base + "dead:jobs";
        Paused = Base + "paused";
        Consumers = Base + "consumers";
        Statistics = Base + "stats";
        Reaper = Base + "reaper";
        JobPrefix = Base + "job:";
        Parked = Base + "parked";
        Suspect = Base + "suspect";
        Load = Base + "load";
        LoadPrefix = Base + "load:";
        Trends = Base + "trends";
        Cancelled = Base + "cancelled";
        Schedules = Base + "schedules";
        ScheduleJobs = Base + "schedules:jobs";
        Events = Base + "events";
        Limits = Base + "limits";
        BatchPrefix = Base + "batch:";
        Outbox = Base + "outbox";
    }

    /// <summary>The queue's name.</summary>
    public string Queue { get; }

    /// <summary>What the queue's keys start with.</summary>
    public string Base { get; }

    /// <summary>String: the version of this layout and of the scripts.</summary>
    public string Version { get; }

    /// <summary>Streams, one a lane, by the value of <see cref="Lane"/>. Their lengths together are waiting and running jobs.</summary>
    public IReadOnlyList<string> Lanes { get; }

    /// <summary>Sorted set: the ids of jobs that wait for a time, by that time in milliseconds.</summary>
    public string Delayed { get; }

    /// <summary>Hash: header and payload of the jobs in <see cref="Delayed"/> and <see cref="Parked"/>.</summary>
    public string DelayedJobs { get; }

    /// <summary>Sorted set: the ids of dead letters, by the time of their burial in milliseconds.</summary>
    public string Dead { get; }

    /// <summary>Hash: header, payload, reason and error of the jobs in <see cref="Dead"/>.</summary>
    public string DeadJobs { get; }

    /// <summary>Set: has one member while the queue is paused, and does not exist otherwise.</summary>
    public string Paused { get; }

    /// <summary>Sorted set: consumers by the time of their last heartbeat in milliseconds.</summary>
    public string Consumers { get; }

    /// <summary>Hash: totals.</summary>
    public string Statistics { get; }

    /// <summary>Hash: when the reaper ran, and since when without a gap.</summary>
    public string Reaper { get; }

    /// <summary>What the keys of tracked jobs' records start with; the rest is the id without its queue.</summary>
    public string JobPrefix { get; }

    /// <summary>Sorted set: the ids of jobs that wait for a slot of their concurrency key, by when they came in milliseconds.</summary>
    public string Parked { get; }

    /// <summary>Set: the job that has the slot of those whose worker was lost twice. Mostly missing.</summary>
    public string Suspect { get; }

    /// <summary>Hash: when somebody last looked how many jobs had arrived, and how many that were. Expires.</summary>
    public string Load { get; }

    /// <summary>What the keys of the load's minutes start with, each a hash that expires; the rest is the minute since 1970.</summary>
    public string LoadPrefix { get; }

    /// <summary>String: how the queue stood over the last week. Expires.</summary>
    public string Trends { get; }

    /// <summary>Sorted set: the ids of jobs that are to be cancelled and have not ended yet, by when it was asked for in milliseconds.</summary>
    public string Cancelled { get; }

    /// <summary>Sorted set: the names of schedules that fire again, by their next time in milliseconds.</summary>
    public string Schedules { get; }

    /// <summary>Hash: what schedules are, their revisions and their last starts.</summary>
    public string ScheduleJobs { get; }

    /// <summary>Stream: what became of tracked jobs lately.</summary>
    public string Events { get; }

    /// <summary>Hash: what bounds the starts of jobs over all workers, and the rate's bucket. Missing where nothing does.</summary>
    public string Limits { get; }

    /// <summary>What the keys of batches start with; the rest is the id without its queue, and <c>:open</c>, <c>:failed</c> or <c>:jobs</c>.</summary>
    public string BatchPrefix { get; }

    /// <summary>Hash: what batches of other queues have to hear, by the ids of jobs that have ended.</summary>
    public string Outbox { get; }

    /// <summary>The stream of a lane: <c>k8squeue:{emails}:lane:normal</c>.</summary>
    public string LaneKey(Lane lane) => lane switch
    {
        Lane.Returned => Base + "lane:returned",
        Lane.High => Base + "lane:high",
        Lane.Normal => Base + "lane:normal",
        Lane.Low => Base + "lane:low",
        _ => throw new ArgumentOutOfRangeException(nameof(lane), lane, "There is no such lane."),
    };

    /// <summary>String: a large payload.</summary>
    public string PayloadKey(JobId id) => Base + "payload:" + id.Ulid;

    /// <summary>String: what became of a bulk enqueue, by its last job; until its producer has read it. Expires.</summary>
    public string BulkKey(JobId last) => Base + "bulk:" + last.Ulid;

    /// <summary>Hash: the record of a tracked job.</summary>
    public string JobKey(JobId id) => JobPrefix + id.Ulid;
}
