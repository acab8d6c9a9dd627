using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>The backlog is what a pool has to do: what an autoscaler may go by, and no more.</summary>
public sealed class RedisBacklogTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task A_queue_that_never_was_has_nothing_to_do() => (await BacklogAsync()).Should().Be(new QueueBacklog(0, null, false));

    [Fact]
    public async Task Waiting_and_running_jobs_of_every_lane_count()
    {
        await Jobs.EnqueueAsync(
            [.. new[] { Lane.High, Lane.Normal, Lane.Low }.Select(lane => new JobRequest { Queue = Queue, Type = "t", Lane = lane })], Bound);
        var consumer = await OpenAsync("c1");
        await FetchOneAsync(consumer);

        var backlog = await BacklogAsync();

        backlog.Jobs.Should().Be(3);
        backlog.OldestAge.Should().BeGreaterThanOrEqualTo(TimeSpan.Zero).And.BeLessThan(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_job_that_was_handed_back_counts_with_the_age_of_its_enqueue()
    {
        await EnqueueAsync();
        var consumer = await OpenAsync("c1");
        var lease = await FetchOneAsync(consumer);
        await consumer.ReleaseAsync([lease], Bound);

        var backlog = await BacklogAsync();

        backlog.Jobs.Should().Be(1);
        backlog.OldestAge.Should().BeLessThan(TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task A_delayed_job_counts_once_its_time_has_come_and_nobody_moved_it()
    {
        await Jobs.EnqueueAsync([new JobRequest { Queue = Queue, Type = "t", Delay = TimeSpan.FromHours(1) }], Bound);
        (await BacklogAsync()).Jobs.Should().Be(0);

        await Jobs.EnqueueAsync([new JobRequest { Queue = Queue, Type = "t", Delay = TimeSpan.FromMilliseconds(5) }], Bound);

        await Eventually.IsTrue(async () => (await BacklogAsync()).Jobs == 1);
        (await BacklogAsync()).OldestAge.Should().BeGreaterThanOrEqualTo(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_paused_queue_has_nothing_to_do()
    {
        await EnqueueAsync();
        await Jobs.SetPausedAsync(Queue, true, Bound);

        (await BacklogAsync()).Should().Be(new QueueBacklog(0, null, true));

        await Jobs.SetPausedAsync(Queue, false, Bound);
        (await BacklogAsync()).Jobs.Should().Be(1);
    }

    [Fact]
    public async Task Many_queues_are_read_in_the_order_asked_for()
    {
        await EnqueueAsync();
        await EnqueueAsync();

        await using var reader = new RedisBacklogReader(RedisFixture.Options(Server));
        var backlogs = await reader.ReadAsync(["empty-a", Queue, "empty-b"]);

        backlogs.Select(reading => reading.Backlog?.Jobs).Should().Equal(0, 2, 0);
    }

    [Fact]
    public async Task A_queue_that_cannot_be_read_leaves_the_others_readable()
    {
        await EnqueueAsync();
        var bad = $"{Queue}-bad";
        Raw("SET", new RedisKeys(bad).Lanes[1], "no stream");

        await using var reader = new RedisBacklogReader(RedisFixture.Options(Server));
        var readings = await reader.ReadAsync([Queue, bad]);

        readings[0].Should().Match<BacklogReading>(reading => reading.Backlog!.Value.Jobs == 1 && reading.Error == null);
        readings[1].Backlog.Should().BeNull();
        readings[1].Error!.Message.Should().Contain("WRONGTYPE");
    }

    [Fact]
    public async Task A_queue_of_another_layout_is_an_error_and_no_number_and_a_look_sets_no_layout()
    {
        await using var reader = new RedisBacklogReader(RedisFixture.Options(Server));
        await reader.ReadAsync([Queue]);
        Raw("EXISTS", Keys.Version).Integer.Should().Be(0);
        Raw("SET", Keys.Version, "2.0");

        var reading = (await reader.ReadAsync([Queue])).Single();

        reading.Backlog.Should().BeNull();
        reading.Error.Should().BeOfType<JobQueueConfigurationException>().Which.Message.Should().Contain("layout 2.0");
        Raw("SET", Keys.Version, "1.9");
        (await reader.ReadAsync([Queue])).Single().Backlog!.Value.Jobs.Should().Be(0, "a newer minor layout can be read");
    }

    [Fact]
    public async Task A_server_that_is_away_is_an_error_and_no_zero()
    {
        await using var server = await RedisServer.StartAsync();
        await using var reader = new RedisBacklogReader(new RedisQueueOptions { Address = server.Address, OperationTimeout = TimeSpan.FromSeconds(1) });
        await Eventually.IsTrue(async () => (await reader.ReadAsync([Queue])).Single().Backlog?.Jobs == 0);
        server.Kill();

        var away = (await reader.ReadAsync([Queue])).Single();
        away.Backlog.Should().BeNull();
        away.Error.Should().BeOfType<JobQueueUnavailableException>();

        await server.StartAsync();
        await Eventually.IsTrue(async () => (await reader.ReadAsync([Queue])).Single().Backlog?.Jobs == 0);
    }

    private async Task<QueueBacklog> BacklogAsync()
    {
        await using var reader = new RedisBacklogReader(RedisFixture.Options(Server));
        return (await reader.ReadAsync([Queue])).Single().Backlog!.Value;
    }
}
