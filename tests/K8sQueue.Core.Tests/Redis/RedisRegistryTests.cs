using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>The registry says which queues there are to maintain: a queue that is not in it would keep its delayed jobs for ever.</summary>
public sealed class RedisRegistryTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task A_queue_whose_name_was_lost_is_registered_again_by_the_next_producer()
    {
        await EnqueueAsync();
        Raw("SREM", RedisRegistry, Queue);

        await Client().EnqueueAsync([new JobRequest { Queue = Queue, Type = "test.job" }], Bound);

        (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
    }

    [Fact]
    public async Task A_queue_is_registered_before_its_first_job_is_there()
    {
        var version = Keys.Version;

        // A script that is refused stands for a producer that dies between the two.
        Raw("SET", version, "9.0");
        await FluentActions.Awaiting(() => EnqueueAsync()).Should().ThrowAsync<JobQueueConfigurationException>();

        (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
        Raw("DEL", version);
    }

    [Fact]
    public async Task A_dead_letter_that_cannot_be_read_is_kept_by_a_redrive()
    {
        var id = await EnqueueAsync();
        var consumer = await OpenAsync("c1");
        var lease = await FetchOneAsync(consumer);
        await consumer.BuryAsync([new JobBurial(lease, DeadLetterReasons.Unrecoverable, "no")], Bound);
        Raw("HSET", Keys.DeadJobs, $"{id.Ulid}:h", "gibberish");

        (await Jobs.RedriveAsync(id, Bound)).Should().Be(RedriveOutcome.NotFound);

        (await StatisticsAsync()).DeadLetters.Should().Be(1);
        Raw("HGET", Keys.DeadJobs, $"{id.Ulid}:p").Text.Should().Be("{}");
    }

    private static string RedisRegistry => K8sQueue.Core.Redis.RedisKeys.Registry;
}
