using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Resp;
using K8sQueue.Core.Tests.Redis;

namespace K8sQueue.Core.Tests.Protocol;

/// <summary>A producer that lost the answer of enqueue.lua repeats the very call.</summary>
public sealed class RepeatedEnqueueTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Theory]
    [InlineData("d=60000:key")]
    [InlineData("u=:key")]
    [InlineData("u=60000:key")]
    public async Task A_job_with_a_deduplication_key_is_added_once_however_often_the_call_is_repeated(string traits)
    {
        var id = JobId.Create(Queue, tracked: false, TimeProvider.System);

        Enqueue(id, traits).Items![0].Integer.Should().Be(1, "the queue is new");
        for (var again = 1; again <= 2; again++)
        {
            var before = Changes();
            var items = Enqueue(id, traits).Items!;
            items.Should().HaveCount(3);
            items[1].Integer.Should().Be(0);
            items[2].Text.Should().Be(id.Ulid, "it is this job that has the key");
            Changes().Should().BeGreaterThan(before, "WAITAOF waits for what a connection wrote, so for the job only where the call that finds it writes");
            Raw("HGET", Keys.Statistics, "duplicates").Text.Should().Be($"{again}");
        }

        (await StatisticsAsync()).Should().BeEquivalentTo(new { EnqueuedTotal = 1L });
        Raw("XLEN", Keys.LaneKey(Lane.Normal)).Integer.Should().Be(1);
    }

    private long Changes()
    {
        const string Field = "rdb_changes_since_last_save:";
        var line = Raw("INFO", "persistence").Text.Split("\r\n").Single(l => l.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line[Field.Length..], CultureInfo.InvariantCulture);
    }

    private RespValue Enqueue(JobId id, string traits) =>
        Run(RedisScript.Enqueue, RedisServices.LayoutVersion, EntryHeader.Head(id), $";n;;;;{traits};t", "0", "{}");
}
