using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Schedules;
using K8sQueue.Core.Telemetry;
using Microsoft.Extensions.Logging.Abstractions;

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
    public async Task A_deleted_queue_leaves_no_keys_and_is_registered_by_a_producer_that_knew_it_before()
    {
        await EnqueueAsync();
        var consumer = await OpenAsync("c1");
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        await consumer.LeaveAsync(Bound);
        await Jobs.MaintainAsync(Queue, Bound);
        await Jobs.SetLimitsAsync(Queue, new QueueLimits { Concurrency = 3 }, Bound);

        (await Client().DeleteQueueAsync(Queue, Bound)).Should().BeTrue();
        Raw("KEYS", Keys.Base + "*").Items.Should().BeEmpty();
        await Jobs.MaintainAsync(Queue, Bound);
        (await Jobs.ListQueuesAsync(Bound)).Should().NotContain(Queue, "housekeeping that was under way does not make it anew");

        await EnqueueAsync();
        (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
    }

    [Fact]
    public async Task A_cancelled_job_that_runs_again_makes_its_queue_anew()
    {
        var client = Client();
        var id = await EnqueueAsync(tracked: true);
        (await client.CancelAsync(id, Bound)).Should().Be(CancelOutcome.Cancelled);
        (await client.DeleteQueueAsync(Queue, Bound)).Should().BeTrue();

        (await client.RerunAsync(id, Bound)).Should().Be(RerunOutcome.Enqueued);

        (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
        Raw("GET", Keys.Version).Text.Should().Be(RedisServices.LayoutVersion);
    }

    [Fact]
    public async Task A_queue_that_has_a_schedule_is_not_deleted()
    {
        var schedule = new JobSchedule { Name = "nightly", Cron = "0 3 * * *", Job = new JobRequest { Queue = Queue, Type = "test.job" } };
        await Jobs.PutScheduleAsync(schedule, Bound);
        (await Jobs.DeleteQueueAsync(Queue, Bound)).Should().BeFalse();

        await Jobs.DeleteScheduleAsync(Queue, schedule.Name, Bound);

        (await Jobs.DeleteQueueAsync(Queue, Bound)).Should().BeTrue();
    }

    [Fact]
    public async Task The_names_of_queues_that_are_only_looked_at_are_not_kept()
    {
        var options = RedisFixture.Options(Server);
        var services = new RedisServices(options, new RedisEndpoint(options), TimeProvider.System, NullLoggerFactory.Instance, new JobQueueMetrics());
        await using var connection = services.Connection;
        var reader = new RedisReader(services);
        for (var i = 0; i < 20; i++)
            (await reader.GetStatisticsAsync($"{Queue}-{i}")).EnqueuedTotal.Should().Be(0);

        services.KnownQueues.Should().Be(0);
    }

    [Fact]
    public async Task A_jobs_payload_and_the_dead_letters_of_any_name_may_be_asked_for()
    {
        var options = RedisFixture.Options(Server);
        var services = new RedisServices(options, new RedisEndpoint(options), TimeProvider.System, NullLoggerFactory.Instance, new JobQueueMetrics());
        await using var connection = services.Connection;
        (await new RedisPayloadReader(services).ReadAsync(JobId.Create(Queue, tracked: true, TimeProvider.System), 1024)).Should().BeNull();
        (await new RedisJobFinder(services, new RedisReader(services)).FindDeadAsync(Queue, new DeadLetterFilter(), after: null, 10)).Ids.Should().BeEmpty();

        services.KnownQueues.Should().Be(0);
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
