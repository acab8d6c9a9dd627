namespace K8sQueue.Api.Diagnostics.Checks;

/// <summary>Whether what is beside the queue is there.</summary>
internal static class DependencyChecks
{
    public static readonly IReadOnlyList<DiagnosticCheck> All =
    [
        new(
            "cache-unreachable",
            "`/health` answers 503, and whatever uses the cache is slow or flaky.",
            "The cache's Redis is down, or its settings are wrong.",
            "Look at its log, and at `K8SQUEUE_CACHE_REDIS_ADDRESS` and its neighbours.",
            facts => !facts.HasCache ? Finding.Skipped("There is no cache.") : facts.CacheFault is { } fault ? Finding.Error(fault) : Finding.Ok),
        new(
            "cache-shares-redis",
            "Jobs disappear when the cache evicts, or the cache fills the queue's memory.",
            "Cache and queue are the same Redis; another database number shares memory and eviction policy all the same.",
            "Run two: `noeviction` and an append-only file for the queue, `allkeys-lru` and no persistence for the cache.",
            facts => facts is { Redis: { RunId.Length: > 0 } redis, Cache: { } cache }
                ? redis.RunId == cache.RunId ? Finding.Error("Both have the same run_id.") : Finding.Ok
                : Finding.Skipped(facts.HasCache ? "One of the two does not answer." : "There is no cache.")),
        new(
            "rate-limits-away",
            "Requests are not limited, or refused with `rate-limits-unavailable`.",
            "The cache's Redis does not answer, or refuses the user or the script, so nobody counts requests.",
            "Mend the cache. Until then `K8SQUEUE_RATE_LIMIT_WITHOUT_CACHE` says whether requests go on.",
            facts => !facts.HasRateLimits ? Finding.Skipped("There are no rate limits.") : facts.RateLimitFault is { } fault ? Finding.Error(fault) : Finding.Ok),
        new(
            "postgresql-failing",
            "`/health` answers 503.",
            "PostgreSQL is down, its connection string is wrong, or migrations were not applied.",
            "Start it, mend `K8SQUEUE_POSTGRES_CONNECTION`, or apply the migrations.",
            facts => !facts.HasPostgres ? Finding.Skipped("There is no PostgreSQL.") : facts.PostgresFault is { } fault ? Finding.Error(fault) : Finding.Ok),
    ];
}
