using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>What is kept of jobs that have ended, and that nothing of it is left behind.</summary>
public sealed class RedisRecordTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private static readonly string Large = $"\"{new string('x', 100_000)}\"";

    [Fact]
    public async Task The_large_payload_of_a_cancelled_job_expires_with_its_record_and_stays_where_it_runs_again()
    {
        var id = await EnqueueAsync(Large, tracked: true);
        await Jobs.CancelAsync(id, Bound);
        var end = Raw("PEXPIRETIME", Keys.JobKey(id)).Integer;
        end.Should().BePositive();
        Raw("PEXPIRETIME", Keys.PayloadKey(id)).Integer.Should().BeInRange(end, end + 30_000, "up to Redis 7.0 each command of a script has its own time");

        await Jobs.RerunAsync(id, Bound);

        Raw("PTTL", Keys.PayloadKey(id)).Integer.Should().Be(-1);
        Raw("PTTL", Keys.JobKey(id)).Integer.Should().Be(-1);
        Raw("HEXISTS", Keys.JobKey(id), "d").Integer.Should().Be(0);
    }

    [Fact]
    public async Task A_cancelled_job_whose_large_payload_is_gone_or_that_can_not_be_read_stays()
    {
        var ids = new[] { await EnqueueAsync(Large, tracked: true), await EnqueueAsync(tracked: true), await EnqueueAsync(tracked: true) };
        foreach (var id in ids)
            await Jobs.CancelAsync(id, Bound);
        Raw("DEL", Keys.PayloadKey(ids[0]));
        Raw("HSET", Keys.JobKey(ids[1]), "h", "noise");
        Raw("HDEL", Keys.JobKey(ids[2]), "d");

        foreach (var id in ids)
            (await Jobs.RerunAsync(id, Bound)).Should().Be(RerunOutcome.NotKept);
        (await StatisticsAsync()).Backlog.Should().Be(default(Backlog));
    }

    [Fact]
    public async Task Deleting_leaves_no_key_of_the_job()
    {
        var ids = new[] { await EnqueueAsync(Large, tracked: true), await EnqueueAsync(Large, tracked: true) };
        var consumer = await OpenAsync("c1");
        await consumer.BuryAsync([new JobBurial(await FetchOneAsync(consumer), DeadLetterReasons.Unrecoverable, "no")], Bound);
        await Jobs.CancelAsync(ids[1], Bound);
        foreach (var id in ids)
            (await Jobs.DeleteJobAsync(id, Bound)).Should().Be(DeleteOutcome.Deleted);

        Raw("KEYS", Keys.Base + "job:*").Items.Should().BeEmpty();
        Raw("KEYS", Keys.Base + "payload:*").Items.Should().BeEmpty();
        Raw("EXISTS", Keys.Dead, Keys.DeadJobs).Integer.Should().Be(0);
    }
}
