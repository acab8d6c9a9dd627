namespace K8sQueue.Chaos.Scenarios;

/// <summary>All scenarios, in the order of the table.</summary>
internal static class ChaosScenarios
{
    public static readonly IReadOnlyList<ChaosScenario> All =
    [
        new KillScenario(),
        new SigtermStormScenario(),
        new StopContinueScenario(),
        new CrashJobScenario(),
        new MisbehavingHandlersScenario(),
        new LeakScenario(),
        new StarvationScenario(),
        new RedisKillScenario("redis-kill-always", Running.ServerOptions.Always),
        new RedisKillScenario("redis-kill-everysec", Running.ServerOptions.EverySecond),
        new PowerCutScenario(),
        new RedisDownScenario(),
        new RedisPausedScenario(),
        new ConnectionsResetScenario(),
        new PartitionScenario(),
        new RedisFullScenario(),
        new DiskFullScenario(),
        new CorruptEntriesScenario(),
        new BacklogScenario(),
        new ManyQueuesScenario(),
    ];
}
