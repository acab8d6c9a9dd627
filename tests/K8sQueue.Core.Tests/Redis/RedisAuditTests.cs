using K8sQueue.Core.Audit;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>The audit log of a server that has no memory left: what is done then is done to make room.</summary>
public sealed class RedisAuditTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Acts_on_a_full_server_are_kept()
    {
        await EnqueueAsync();
        var act = new AuditAct { Key = "ops", Verb = "manage", Method = "POST", Route = "/v1/queues/{queue}/drain", Queue = Queue, Changed = 1, Status = 200 };
        Raw("CONFIG", "SET", "maxmemory", "1");
        try
        {
            (await Jobs.DrainAsync(Queue, delayed: false, 10, Bound)).Should().Be(1);
            await Jobs.Audit.AddAsync(act, Bound);
        }
        finally
        {
            Raw("CONFIG", "SET", "maxmemory", "0");
        }

        (await Jobs.Audit.ListAsync(before: null, 1, Bound)).Should().ContainSingle().Which.Act.Should().Be(act);
    }
}
