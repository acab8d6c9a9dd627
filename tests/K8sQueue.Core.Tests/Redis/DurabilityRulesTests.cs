using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis.Producers;

namespace K8sQueue.Core.Tests.Redis;

public sealed class DurabilityRulesTests
{
    [Theory]
    [InlineData("7.0.15", "1", "always", 0, FsyncWay.Always)]
    [InlineData("7.2.0", "1", "always", 0, FsyncWay.Always)]
    [InlineData("7.2.0", "1", "always", 1, FsyncWay.WaitAof)]
    [InlineData("7.2.0", "1", "everysec", 0, FsyncWay.WaitAof)]
    [InlineData("8.0.1", "1", null, 0, FsyncWay.WaitAof)]
    internal void A_server_that_can_promise_it_does(string version, string aof, string? fsync, int replicas, FsyncWay way) =>
        DurabilityRules.Judge("redis:6379", Info(version, aof), fsync, replicas).Should().Be(way);

    [Theory]
    [InlineData("7.2.0", "0", "everysec", 0, "*set appendonly yes*")]
    [InlineData("7.2.0", "1", "no", 0, "*set appendfsync everysec or always*")]
    [InlineData("7.0.15", "1", "everysec", 0, "*has everysec: set it, or upgrade*")]
    [InlineData("7.0.15", "1", null, 0, "*let this user run CONFIG GET*")]
    [InlineData("7.0.15", "1", "always", 1, "*replicas*upgrade it, or ask for none*")]
    public void A_server_that_cannot_says_what_to_set(string version, string aof, string? fsync, int replicas, string message) =>
        FluentActions.Invoking(() => DurabilityRules.Judge("redis:6379", Info(version, aof), fsync, replicas))
            .Should().Throw<JobQueueConfigurationException>().WithMessage("Redis at redis:6379 can't promise" + message);

    [Theory]
    [InlineData(1, 0, 0, true)]
    [InlineData(0, 0, 0, false)]
    [InlineData(1, 1, 2, false)]
    [InlineData(1, 2, 2, true)]
    [InlineData(0, 2, 2, false)]
    public void Both_numbers_count(long local, long replicas, int wanted, bool enough) =>
        DurabilityRules.IsEnough(local, replicas, wanted).Should().Be(enough);

    private static Dictionary<string, string> Info(string version, string aof) => new() { ["redis_version"] = version, ["aof_enabled"] = aof };
}
