using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Resp;
using K8sQueue.Core.Schedules;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis.Batches;

/// <summary>Batches as they stand in the keys.</summary>
public sealed class BatchRecordTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private const long Week = 604_800_000;

    private string Other => Queue + "-b";

    [Fact]
    public async Task The_record_of_a_batch_is_kept_until_it_ends_and_a_week_after()
    {
        var batch = await Jobs.EnqueueBatchAsync(new BatchRequest { Jobs = [Request(), Request()], OnComplete = Request(), OnSuccess = Request() }, Bound);
        var key = Keys.BatchPrefix + batch.Id.Ulid;
        Raw("KEYS", Keys.BatchPrefix + "*").Items!.Select(k => k.Text).Should().BeEquivalentTo(key, key + ":open", key + ":jobs");
        foreach (var part in new[] { "", ":open", ":jobs" })
            Raw("PTTL", key + part).Integer.Should().BeGreaterThan(52 * Week);

        var consumer = await OpenAsync("c1");
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        var last = await FetchOneAsync(consumer);
        await consumer.BuryAsync([new JobBurial(last, DeadLetterReasons.Unrecoverable, "no")], Bound);

        Raw("KEYS", Keys.BatchPrefix + "*").Items!.Select(k => k.Text).Should().BeEquivalentTo(key, key + ":failed", key + ":jobs");
        foreach (var part in new[] { "", ":failed", ":jobs" })
            Raw("PTTL", key + part).Integer.Should().BeInRange(Week - 60_000, Week);
        Raw("HKEYS", key).Items!.Select(k => k.Text).Should().BeEquivalentTo("n", "a", "q", "f", "c", "s", "s:h", "s:t", "s:d", "s:p");
        (await FetchOneAsync(consumer)).Job.Id.Should().Be(batch.OnComplete!.Value, "it was enqueued in the step that ended the last job");
    }

    [Fact]
    public async Task A_producer_that_dies_between_record_and_jobs_leaves_a_batch_that_is_seen_calls_nobody_and_expires()
    {
        var (id, callback) = (BatchId.Create(Queue, TimeProvider.System), NewJob());
        var (there, missing) = (NewJob(), NewJob());
        Run(
            RedisScript.PutBatch,
            RedisServices.LayoutVersion, id.Ulid, $"{Week}",
            callback.Ulid, EntryHeader.Head(callback), EntryHeader.Tail(Request()), "0", "1",
            "", "", "", "", "", there.Value, missing.Value);
        Run(
            RedisScript.Enqueue,
            RedisServices.LayoutVersion, EntryHeader.Head(there), EntryHeader.Tail(Request() with { MemberOf = id }), "0", "1");

        var consumer = await OpenAsync("c1");
        await CompleteAsync(consumer, await FetchOneAsync(consumer));

        var status = (await Jobs.GetBatchAsync(id, 0, 10, Bound))!;
        status.Should().BeEquivalentTo(new { Total = 2, Open = 1, Succeeded = 1, IsSealed = false, EndedAt = (DateTimeOffset?)null, OnComplete = callback });
        status.Jobs.Select(j => j.State).Should().Equal(BatchJobState.Succeeded, BatchJobState.Open);
        (await consumer.FetchAsync(1, Bound)).Should().BeEmpty();
        foreach (var key in Raw("KEYS", Keys.BatchPrefix + "*").Items!)
            Raw("PTTL", key.Text).Integer.Should().BeInRange(1, Week);
    }

    [Fact]
    public async Task A_producer_that_is_slower_than_its_jobs_does_not_keep_the_record_longer()
    {
        var batch = await Jobs.EnqueueBatchAsync(new BatchRequest { Jobs = [Request()] }, Bound);
        var consumer = await OpenAsync("c1");
        await CompleteAsync(consumer, await FetchOneAsync(consumer));

        Run(RedisScript.SealBatches, "99999999999", batch.Id.Ulid, BatchId.Create(Queue, TimeProvider.System).Ulid);

        Raw("PTTL", Keys.BatchPrefix + batch.Id.Ulid).Integer.Should().BeInRange(1, Week);
        Raw("KEYS", Keys.BatchPrefix + "*").Items.Should().HaveCount(2, "one that is not there is not made");
    }

    [Fact]
    public async Task A_job_of_another_queue_leaves_word_which_the_housekeeping_tells_and_removes()
    {
        var batch = await Jobs.EnqueueBatchAsync(new BatchRequest { Jobs = [Request(Other)], OnComplete = Request() }, Bound);
        var consumer = await Jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = [Other], Name = "c1" }, Bound);
        await using var opened = consumer;
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        var outbox = new RedisKeys(Other).Outbox;
        Raw("HGETALL", outbox).Items!.Select(i => i.Text).Should().Equal(batch.Jobs[0].Ulid, $"{batch.Id};1");
        await Jobs.MaintainAsync(Queue, Bound);
        (await Jobs.GetBatchAsync(batch.Id, 0, 0, Bound))!.Open.Should().Be(1, "it is the other queue's housekeeping that tells it");

        // One that told it and died before it removed it; and what nobody can read.
        Run(RedisScript.TellBatches, RedisServices.LayoutVersion, batch.Id.Ulid, batch.Jobs[0].Value, "1");
        Raw("HSET", outbox, "x", "?", "y", $"{BatchId.Create(Queue, TimeProvider.System)};1", "z", $"{batch.Id};0");
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Client().MaintainAsync(Other, Bound).AsTask()));

        Raw("EXISTS", outbox).Integer.Should().Be(0);
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(1, "the callback came once");
    }

    [Fact]
    public async Task A_queue_that_cant_be_told_keeps_no_word_from_the_others_and_no_schedule_from_its_time()
    {
        var broken = Queue + "-c";
        var good = await Jobs.EnqueueBatchAsync(new BatchRequest { Jobs = [Request(Other)], OnComplete = Request() }, Bound);
        var bad = await Jobs.EnqueueBatchAsync(new BatchRequest { Jobs = [Request(Other)], OnComplete = Request(broken) }, Bound);
        await using var consumer = await Jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = [Other], Name = "c1" }, Bound);
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        var open = new RedisKeys(broken).BatchPrefix + bad.Id.Ulid + ":open";
        Raw("RENAME", open, open + ":kept");
        Raw("SET", open, "no set");
        await Jobs.PutScheduleAsync(new JobSchedule { Name = "s", Cron = "0 * * * *", Job = Request(Other) }, Bound);
        var next = (await Jobs.GetScheduleAsync(Other, "s", Bound))!.NextFireAt!.Value;
        Raw("ZADD", new RedisKeys(Other).Schedules, $"{next.AddHours(-1).ToUnixTimeMilliseconds()}", "s");

        await FluentActions.Awaiting(() => Jobs.MaintainAsync(Other, Bound).AsTask()).Should().ThrowAsync<InvalidOperationException>();

        (await Jobs.GetBatchAsync(good.Id, 0, 0, Bound))!.Open.Should().Be(0);
        Raw("HKEYS", new RedisKeys(Other).Outbox).Items!.Select(i => i.Text).Should().Equal(bad.Jobs[0].Ulid);
        (await Jobs.GetScheduleAsync(Other, "s", Bound))!.LastFireAt.Should().NotBeNull();

        Raw("RENAME", open + ":kept", open);
        await Jobs.MaintainAsync(Other, Bound);
        (await Jobs.GetBatchAsync(bad.Id, 0, 0, Bound))!.Open.Should().Be(0);
        Raw("EXISTS", new RedisKeys(Other).Outbox).Integer.Should().Be(0);
    }

    [Fact]
    public async Task More_word_than_a_page_is_told_in_one_turn()
    {
        var batch = await Jobs.EnqueueBatchAsync(
            new BatchRequest { Jobs = [.. Enumerable.Repeat(Request(Other), 350)], OnSuccess = Request() }, Bound);
        await using var consumer = await Jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = [Other], Name = "c1" }, Bound);
        for (var left = 350; left > 0;)
        {
            var leases = await consumer.FetchAsync(500, Bound);
            await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], Bound);
            left -= leases.Count;
        }

        await Client(o => (o.MaintenanceInterval, o.Lease) = (TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5))).MaintainAsync(Other, Bound);

        (await Jobs.GetBatchAsync(batch.Id, 0, 0, Bound))!.Should().BeEquivalentTo(new { Open = 0, Succeeded = 350, SuccessCalled = true });
    }

    [Fact]
    public async Task A_queue_that_was_deleted_while_its_batch_was_open_is_made_anew_by_the_callback()
    {
        var batch = await Jobs.EnqueueBatchAsync(new BatchRequest { Jobs = [Request(Other), Request(Other)], OnComplete = Request() }, Bound);
        (await Client().DeleteQueueAsync(Queue, Bound)).Should().BeTrue();
        await using var consumer = await Jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = [Other], Name = "c1" }, Bound);
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        await Jobs.MaintainAsync(Other, Bound);
        (await Jobs.ListQueuesAsync(Bound)).Should().NotContain(Queue, "it has nothing yet");

        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        await Jobs.MaintainAsync(Other, Bound);

        (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
        Raw("GET", Keys.Version).Text.Should().Be(RedisServices.LayoutVersion);
        (await FetchOneAsync(await OpenAsync("c2"))).Job.Id.Should().Be(batch.OnComplete!.Value);
    }

    [Fact]
    public async Task What_ended_anew_since_it_was_read_is_not_removed()
    {
        Raw("HSET", Keys.Outbox, "a", "b;1", "c", "d;0");

        Run(RedisScript.Told, "a", "b;0", "c", "d;0", "e", "f;1").Integer.Should().Be(1);

        Raw("HGETALL", Keys.Outbox).Items!.Select(i => i.Text).Should().Equal("a", "b;1");
        await Jobs.MaintainAsync(Queue, Bound);
        Raw("EXISTS", Keys.Outbox).Integer.Should().Be(0);
    }

    [Fact]
    public async Task On_a_full_server_batches_are_refused_and_those_that_are_there_end()
    {
        await using var server = await RedisServer.StartAsync();
        await using var jobs = new RedisJobQueue(RedisFixture.Options(server));
        var batch = await jobs.EnqueueBatchAsync(new BatchRequest { Jobs = [Request()], OnSuccess = Request() }, Bound);
        await using var consumer = await jobs.OpenConsumerAsync(new JobConsumerOptions { Queues = [Queue], Name = "c1" }, Bound);
        using (var connection = RespConnection.Connect(new RedisEndpoint(RedisFixture.Options(server)), TimeSpan.FromSeconds(5)))
            connection.Call(TimeSpan.FromSeconds(5), "CONFIG", "SET", "maxmemory", "1").Error.Should().BeNull();

        await FluentActions.Awaiting(() => jobs.EnqueueBatchAsync(new BatchRequest { Jobs = [Request()] }, Bound).AsTask())
            .Should().ThrowAsync<JobQueueFullException>();
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        (await FetchOneAsync(consumer)).Job.Id.Should().Be(batch.OnSuccess!.Value);
    }

    private JobId NewJob() => JobId.Create(Queue, tracked: false, TimeProvider.System);

    private JobRequest Request(string? queue = null) => new() { Queue = queue ?? Queue, Type = "test.job" };
}
