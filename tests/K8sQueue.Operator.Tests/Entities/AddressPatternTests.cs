using System.Text.RegularExpressions;
using K8sQueue.Core.Redis;
using K8sQueue.Operator.Entities;

namespace K8sQueue.Operator.Tests.Entities;

public sealed class AddressPatternTests
{
    [Theory]
    [InlineData("redis:6379", true)]
    [InlineData("redis-queue.shop.svc:1", true)]
    [InlineData("redis_1.shop:65535", true)]
    [InlineData("10.0.0.7:9999", true)]
    [InlineData("[fd00::7]:10000", true)]
    [InlineData("redis:65536", false)]
    [InlineData("redis:70000", false)]
    [InlineData("redis:0", false)]
    [InlineData("redis:06379", false)]
    [InlineData("a..b:6379", false)]
    [InlineData(".redis:6379", false)]
    [InlineData("redis", false)]
    [InlineData("app:secret@redis:6379", false)]
    public void What_the_CRD_takes_for_an_address_a_connection_takes_too(string address, bool isGood)
    {
        Regex.IsMatch(address, RedisConnectionSpec.AddressPattern).Should().Be(isGood);
        if (isGood)
            FluentActions.Invoking(() => new RedisBacklogReader(new RedisQueueOptions { Address = address })).Should().NotThrow();
    }
}
