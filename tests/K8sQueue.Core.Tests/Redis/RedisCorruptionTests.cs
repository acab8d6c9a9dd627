using System.Text;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Redis;

public sealed class RedisCorruptionTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    public static TheoryData<string[]> Unreadable => new()
    {
        new[] { "some", "thing", "else", "entirely" },
        new[] { "h", "1;short;1;0;1;1732240000000;n;;;;;t", "p", "{}" },
        new[] { "h", "9;01JD3V6X9QK4T2M7R8ZB5C1N0F;1;0;1;1732240000000;n;;;;;t", "p", "{}" },
        new[] { "h", "9", "p", "{}" },
        new[] { "h", "1;01JD3V6X9QK4T2M7R8ZB5C1N0F;1;0;1;1732240000000;?;;;;;t", "p", "{}" },
        new[] { "p", "{}" },
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task An_unreadable_entry_is_buried_with_its_bytes_and_holds_up_nobody(string[] fields)
    {
        await OpenAsync("other");
        Raw(["XADD", Keys.LaneKey(Lane.Normal), "*", .. fields]);
        var id = await EnqueueAsync("good");
        var consumer = await OpenAsync("c1");

        var leases = await consumer.FetchAsync(10, Bound);

        leases.Should().ContainSingle().Which.Job.Id.Should().Be(id);
        await ShouldBeBuriedAsync(fields);
    }

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task An_unreadable_entry_of_a_lost_worker_is_buried_too(string[] fields)
    {
        await OpenAsync("other");
        Raw(["XADD", Keys.LaneKey(Lane.Low), "*", .. fields]);
        Raw("XREADGROUP", "GROUP", "workers", "lost", "COUNT", "1", "STREAMS", Keys.LaneKey(Lane.Low), ">");

        await MaintainUntilAsync(r => r.Buried == 1);

        await ShouldBeBuriedAsync(fields);
    }

    [Theory]
    [InlineData("01JD3V6X9QK4T2M7R8ZB5C1N0F")]
    [InlineData("no-ulid")]
    public async Task An_unreadable_delayed_job_is_buried_with_its_bytes(string member)
    {
        Raw("ZADD", Keys.Delayed, "1", member);
        Raw("HSET", Keys.DelayedJobs, member + ":h", "9;unknown", member + ":p", "{}");

        await MaintainUntilAsync(r => r.Buried == 1);

        await ShouldBeBuriedAsync(["9;unknown", "{}"]);
        Raw("EXISTS", Keys.Delayed, Keys.DelayedJobs).Integer.Should().Be(0);
    }

    [Fact]
    public async Task A_delayed_job_that_lost_its_bytes_is_buried_under_its_id()
    {
        Raw("ZADD", Keys.Delayed, "1", "01JD3V6X9QK4T2M7R8ZB5C1N0F");

        await MaintainUntilAsync(r => r.Buried == 1);

        var letter = (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().ContainSingle().Which;
        letter.Job.Id.Ulid.Should().Be("01JD3V6X9QK4T2M7R8ZB5C1N0F");
    }

    [Fact]
    public async Task The_next_job_of_a_key_lets_in_those_that_wait_for_slots_that_nobody_has()
    {
        var limited = new JobRequest { Queue = Queue, Type = "test.job", Payload = "{}"u8.ToArray(), Concurrency = new JobConcurrency("one", 1) };
        var ids = (await Jobs.EnqueueAsync([limited, limited], Bound)).Ids();
        Raw("DEL", Keys.Base + "slots:one").Integer.Should().Be(1);

        await Jobs.EnqueueAsync([limited], Bound);

        (await (await OpenAsync("c1")).FetchAsync(10, Bound)).Select(lease => lease.Job.Id).Should().Equal(ids);
        (await StatisticsAsync()).Parked.Should().Be(1);
    }

    private async Task ShouldBeBuriedAsync(string[] fields)
    {
        var letter = (await Jobs.ListDeadLettersAsync(Queue, 0, 10, Bound)).Should().ContainSingle().Which;
        letter.Reason.Should().Be(DeadLetterReasons.Corrupt);
        Encoding.UTF8.GetString(letter.Job.Payload.Span).Should().Be(string.Join('\n', fields));
        JobId.TryParse(letter.Job.Id.Value, out _).Should().BeTrue();
        foreach (var record in Raw("KEYS", Keys.JobPrefix + "*").Items!)
            Raw("PTTL", record.Text).Integer.Should().NotBe(-1, "no record is left behind");
        (await Jobs.RedriveAsync(letter.Job.Id, Bound)).Should().Be(RedriveOutcome.Redriven, "someone may want to see it run");
    }
}
