using static System.FormattableString;

namespace K8sQueue.Api.Diagnostics.Checks;

/// <summary>Whether the queue's Redis is there, and set up so that it loses nothing.</summary>
internal static class RedisChecks
{
    /// <summary>Below it the queue does not run.</summary>
    public static readonly Version Least = new(7, 0);

    /// <summary>From it on enqueues can wait for the disk by WAITAOF.</summary>
    public static readonly Version Wanted = new(7, 2);

    public static readonly IReadOnlyList<DiagnosticCheck> All =
    [
        new(
            "redis-unreachable",
            "Enqueues answer 503 `broker-unavailable`, no job starts, and `/metrics` has no counts.",
            "The queue's Redis is down, still loads its data, or the address, password or TLS settings of API and workers are wrong.",
            "Look at Redis's log, and at `K8SQUEUE_REDIS_ADDRESS` and its neighbours. API and workers connect again by themselves.",
            facts => facts.RedisFault is { } fault && facts.Redis is null ? Finding.Error(fault) : Finding.Ok),
        new(
            "eviction-policy",
            "Jobs silently disappear.",
            "The queue's Redis evicts keys when its memory is full.",
            "Set `maxmemory-policy noeviction` on it, and give caches a Redis of their own.",
            facts => OfRedis(facts, redis => redis.EvictionPolicy == "noeviction"
                ? Finding.Ok
                : Finding.Error(Invariant($"maxmemory-policy is {redis.EvictionPolicy}; {redis.EvictedKeys} keys were evicted since its start.")))),
        new(
            "persistence-off",
            "All jobs, or those of the last minutes, are gone after Redis was restarted.",
            "The queue's Redis keeps no append-only file.",
            "Set `appendonly yes` on it, on a volume that outlives it.",
            facts => OfRedis(facts, redis => redis switch
            {
                { AppendOnly: true } => Finding.Ok,
                { Snapshots: "" } => Finding.Error("appendonly is no, and no snapshots are saved either."),
                _ => Finding.Warning("appendonly is no: what came since the last snapshot is lost with the process."),
            })),
        new(
            "old-redis",
            "The queue refuses the server, or `K8SQUEUE_DURABILITY=fsync` does.",
            "Redis is older than 7.2: below 7.0 the queue does not run, and below 7.2 there is no `WAITAOF`.",
            "Run Redis 7.2 or later, or Valkey.",
            facts => OfRedis(facts, redis => Version.TryParse(redis.Version, out var version) && version < Wanted
                ? new Finding(version < Least ? DiagnosticStatus.Error : DiagnosticStatus.Warning, $"Redis is {redis.Version}.")
                : Finding.Ok)),
    ];

    /// <summary>A check that needs the server's own word.</summary>
    public static Finding OfRedis(DiagnosticFacts facts, Func<Core.Redis.RedisServerInfo, Finding> look) =>
        facts.Redis is { } redis ? look(redis) : Finding.Skipped("The queue's Redis does not answer.");
}
