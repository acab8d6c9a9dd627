using static System.FormattableString;

namespace K8sQueue.Api.Diagnostics.Checks;

/// <summary>Whether the queue's Redis has room left, and the right time.</summary>
internal static class RedisLoadChecks
{
    /// <summary>The share of maxmemory from which it is a warning, and from which an error.</summary>
    public const double MuchMemory = 0.8, FullMemory = 0.95;

    /// <summary>The share of maxclients from which it is an error.</summary>
    public const double FullClients = 0.9;

    public static readonly TimeSpan SomeSkew = TimeSpan.FromSeconds(2), MuchSkew = TimeSpan.FromSeconds(30);

    public static readonly IReadOnlyList<DiagnosticCheck> All =
    [
        new(
            "memory-nearly-full",
            "Enqueues answer 507 `broker-full`, or will soon.",
            "Jobs come faster than they are done, or results and dead letters are kept for long.",
            "Let workers catch up, raise `maxmemory`, delete dead letters, shorten `retentionSeconds`.",
            facts => RedisChecks.OfRedis(facts, redis => redis.MaxMemory == 0 ? Finding.Ok : Memory(redis.UsedMemory, redis.MaxMemory))),
        new(
            "rejected-connections",
            "Some API or worker can't connect to Redis while others can.",
            "More clients connect than Redis takes (`maxclients`): each worker opens three connections.",
            "Raise `maxclients`, or bound the pools by a ConnectionBudget with `redis`.",
            facts => RedisChecks.OfRedis(facts, redis => redis switch
            {
                { MaxClients: { } most } when redis.ConnectedClients >= FullClients * most =>
                    Finding.Error(Invariant($"{redis.ConnectedClients} of {most} connections are in use; {redis.RejectedConnections} were rejected since its start.")),
                { RejectedConnections: > 0 } => Finding.Warning(Invariant($"{redis.RejectedConnections} connections were rejected since its start.")),
                _ => Finding.Ok,
            })),
        new(
            "clock-skew",
            "Delayed jobs and schedules start too early or too late by people's clocks; ages look wrong.",
            "The clock of Redis's machine and the API's are apart. Leases are safe: Redis's clock alone counts for them.",
            "Let NTP set both clocks.",
            facts => RedisChecks.OfRedis(facts, redis => Skew(redis.ClockOffset.Duration() - (redis.RoundTrip / 2), redis.ClockOffset))),
    ];

    private static Finding Memory(long used, long most) => ((double)used / most) switch
    {
        >= FullMemory => Finding.Error(Share(used, most)),
        >= MuchMemory => Finding.Warning(Share(used, most)),
        _ => Finding.Ok,
    };

    private static string Share(long used, long most) => Invariant($"{(double)used / most:P0} of {most / (1024 * 1024)} MiB are in use.");

    private static Finding Skew(TimeSpan atLeast, TimeSpan seen) => atLeast < SomeSkew
        ? Finding.Ok
        : new Finding(
            atLeast < MuchSkew ? DiagnosticStatus.Warning : DiagnosticStatus.Error,
            Invariant($"Redis's clock is {seen.Duration().TotalSeconds:0.0} s {(seen > TimeSpan.Zero ? "ahead of" : "behind")} the API's."));
}
