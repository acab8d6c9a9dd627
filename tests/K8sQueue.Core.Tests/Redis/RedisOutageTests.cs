using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>What an outage of the server does, and a failure of a call.</summary>
public sealed class RedisOutageTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private static readonly TimeSpan Lease = TimeSpan.FromMilliseconds(1200);

    [Fact]
    public async Task A_server_that_stands_still_for_longer_than_a_lease_starts_no_job_twice()
    {
        var time = new ManualTimeProvider();
        var client = Client(RedisFixture.Patient, time);
        await EnqueueAsync();
        var consumer = await OpenAsync("c1", client);
        var lease = await FetchOneAsync(consumer);
        (await JudgeAsync(client)).Should().Be(default(MaintenanceReport));

        await FrozenAsync(() =>
        {
            time.Advance(RedisFixture.PatientLease);
            return Eventually.IsTrue(() => lease.Lost.IsCancellationRequested);
        });
        Raw("HSET", Keys.Reaper, "stamp", "1", "scanned", "1"); // so that the turn looks at each owner's entries
        Backdate("c1", TimeSpan.FromHours(1));

        (await client.MaintainAsync(Queue, Bound)).Should().Be(default(MaintenanceReport), "behind a gap no lease is judged");
        await RenewedAsync("c1");
        (await JudgeAsync(client)).Should().Be(default(MaintenanceReport));
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { StartedTotal = 1L, CompletedTotal = 1L, RecoveredTotal = 0L });
    }

    [Fact]
    public async Task After_a_gap_in_housekeeping_a_lease_has_to_pass_before_anything_is_recovered()
    {
        await EnqueueAsync();
        await MaintainForAsync(Lease * 1.5);
        var lost = await OpenAsync("lost");
        await FetchOneAsync(lost);
        await lost.DisposeAsync();
        await Task.Delay(Lease * 2, TimeProvider.System, Bound); // the gap itself

        var resumed = TimeProvider.System.GetTimestamp();
        await MaintainUntilAsync(r => r.Recovered == 1);

        TimeProvider.System.GetElapsedTime(resumed).Should().BeGreaterThan(Lease * 0.9);
    }

    [Theory]
    [InlineData(2000, true)]
    [InlineData(500, false)]
    public async Task What_counts_as_a_gap_follows_the_maintenance_interval(int interval, bool bridged)
    {
        var client = Client(o => (o.MaintenanceInterval, o.Lease) = (TimeSpan.FromMilliseconds(interval), TimeSpan.FromSeconds(10)));
        await client.MaintainAsync(Queue, Bound);
        var stamp = long.Parse(Raw("HGET", Keys.Reaper, "stamp").Text, System.Globalization.CultureInfo.InvariantCulture) - 3000;
        Raw("HSET", Keys.Reaper, "stamp", $"{stamp}", "since", "1");

        await client.MaintainAsync(Queue, Bound);

        (Raw("HGET", Keys.Reaper, "since").Text == "1").Should().Be(bridged);
    }

    [Fact]
    public async Task After_a_failover_a_lease_has_to_pass_before_anything_is_recovered()
    {
        await EnqueueAsync();
        var lost = await OpenAsync("lost");
        await FetchOneAsync(lost);
        await lost.DisposeAsync();
        await MaintainForAsync(Lease * 0.8);
        Raw("HSET", Keys.Reaper, "server", "the one before");

        var failover = TimeProvider.System.GetTimestamp();
        await MaintainUntilAsync(r => r.Recovered == 1);

        TimeProvider.System.GetElapsedTime(failover).Should().BeGreaterThan(Lease * 0.9);
    }

    [Fact]
    public async Task Without_a_gap_a_job_is_recovered_by_the_first_turn_behind_its_lease()
    {
        var housekeeper = Client(RedisFixture.Patient);
        await EnqueueAsync();
        var lost = await OpenAsync("lost");
        await FetchOneAsync(lost);
        await lost.DisposeAsync();
        Raw("ZADD", Keys.Consumers, "1", "lost");

        Backdate("lost", RedisFixture.PatientLease - TimeSpan.FromMinutes(1));
        (await JudgeAsync(housekeeper)).Should().Be(default(MaintenanceReport));
        Backdate("lost", RedisFixture.PatientLease);
        (await JudgeAsync(housekeeper)).Recovered.Should().Be(1);

        (await FetchOneAsync(await OpenAsync("c1"))).Job.Crashes.Should().Be(1);
    }

    [Fact]
    public async Task A_fetch_whose_answer_is_late_loses_and_repeats_nothing()
    {
        var time = new ManualTimeProvider();
        var consumer = await OpenAsync("c1", Client(time: time));
        await EnqueueAsync();
        await FrozenAsync(async () =>
            (await GiveUpAsync(time, () => consumer.FetchAsync(1, Bound).AsTask())).Message.Should().Contain("did not answer"));

        var lease = await FetchOneAsync(consumer);

        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { StartedTotal = 1L, CompletedTotal = 1L, RecoveredTotal = 0L });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_forgot_its_scripts_is_taught_again(bool byProducer)
    {
        var worker = Client(RedisFixture.Quiet);
        var producer = byProducer ? Client() : worker;
        var enqueue = async () => await producer.EnqueueAsync([new JobRequest { Queue = Queue, Type = "test.job" }], Bound);
        await enqueue();
        var consumer = await OpenAndBeatAsync("c1", worker);
        await consumer.FetchAsync(1, Bound);
        Raw("SCRIPT", "FLUSH");

        // The driver forgets all scripts with the first one that the server has forgotten.
        for (var round = 0; round < 2; round++)
        {
            await enqueue();
            await FetchOneAsync(consumer);
        }

        Raw("CONFIG", "RESETSTAT");
        await enqueue();
        Raw("INFO", "commandstats").Text.Should().Contain("cmdstat_evalsha").And.NotContain("cmdstat_eval:", "texts are sent once");
        await FetchOneAsync(consumer);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { EnqueuedTotal = 4L, StartedTotal = 4L });
    }

    [Fact]
    public async Task Heartbeats_and_housekeeping_go_on_with_a_server_that_forgot_their_scripts()
    {
        var client = Client(RedisFixture.Patient);
        await EnqueueAsync();
        var consumer = await OpenAsync("c1", client);
        var lease = await FetchOneAsync(consumer);
        await JudgeAsync(client);
        Raw("SCRIPT", "FLUSH");

        for (var renewal = 0; renewal < 3; renewal++)
        {
            Backdate("c1", TimeSpan.FromHours(1));
            await RenewedAsync("c1");
        }

        (await JudgeAsync(client)).Should().Be(default(MaintenanceReport));
        lease.Lost.IsCancellationRequested.Should().BeFalse();
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
    }

    [Fact]
    public async Task A_consumer_notices_what_became_of_its_job_when_the_data_was_lost_and_goes_on()
    {
        await EnqueueAsync("lost");
        var consumer = await OpenAsync("c1");
        var lease = await FetchOneAsync(consumer);
        Raw(["DEL", .. new QueueHandle(Queue).KeyNames]);
        Raw("DEL", RedisKeys.Registry);

        await Eventually.IsTrue(() => lease.Lost.IsCancellationRequested);
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Gone);
        var id = await EnqueueAsync("new");
        (await FetchOneAsync(consumer)).Job.Id.Should().Be(id);
        (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
    }

    [Fact]
    public async Task Where_only_the_group_was_lost_its_owners_are_gone_and_the_jobs_start_again()
    {
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "test.job" }, 4)], Bound);
        var consumer = await OpenAsync("c1");
        var leases = await consumer.FetchAsync(4, Bound);
        leases.Should().HaveCount(4);
        Raw("XGROUP", "DESTROY", Keys.LaneKey(Lane.Normal), RedisKeys.Group);

        LeaseOutcome[] outcomes =
        [
            (await consumer.CompleteAsync([new JobCompletion(leases[0])], Bound)).Single(),
            (await consumer.RetryAsync([new JobRetry(leases[1], TimeSpan.Zero, "")], Bound)).Single(),
            (await consumer.ReleaseAsync([leases[2]], Bound)).Single(),
            (await consumer.BuryAsync([new JobBurial(leases[3], DeadLetterReasons.Unrecoverable, "")], Bound)).Single(),
        ];

        outcomes.Should().AllBeEquivalentTo(LeaseOutcome.Gone);
        (await consumer.FetchAsync(10, Bound)).Select(l => l.Job.Id).Should().BeEquivalentTo(leases.Select(l => l.Job.Id));
    }

    [Fact]
    public async Task A_waiting_fetch_survives_the_loss_of_its_streams()
    {
        var consumer = await OpenAsync("c1");
        var fetch = FetchOneAsync(consumer);
        Raw(["DEL", .. new QueueHandle(Queue).KeyNames]);
        var id = await EnqueueAsync();

        (await fetch).Job.Id.Should().Be(id);
    }

    [Fact]
    public async Task Settings_that_could_lose_jobs_are_refused_and_named()
    {
        Raw("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        try
        {
            var client = Client();
            Func<Task>[] calls =
            [
                () => client.CheckHealthAsync(Bound).AsTask(),
                () => OpenAsync("c1", client),
                async () => await client.EnqueueAsync([new JobRequest { Queue = Queue, Type = "test.job" }], Bound),
            ];
            foreach (var call in calls)
            {
                (await call.Should().ThrowAsync<JobQueueConfigurationException>())
                    .WithMessage("*allkeys-lru*maxmemory-policy noeviction*");
            }
        }
        finally
        {
            Raw("CONFIG", "SET", "maxmemory-policy", "noeviction");
        }
    }

    [Fact]
    public async Task A_server_that_could_lose_jobs_and_took_the_place_of_another_gives_none()
    {
        var name = "policy-" + Queue;
        var client = Client(o => o.ClientName = name);
        var consumer = await OpenAsync("c1", client);
        await EnqueueAsync();
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        (await client.FindDueAsync([Queue], Bound)).Should().NotBeNull();
        Raw("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        try
        {
            foreach (var line in Connections(name))
                Raw("CLIENT", "KILL", "ID", line.Split(' ')[0]["id=".Length..]);
            Func<Task>[] calls = [() => consumer.FetchAsync(1, Bound).AsTask(), () => client.FindDueAsync([Queue], Bound).AsTask()];
            foreach (var call in calls)
            {
                await Eventually.Passes(async () => (await call.Should().ThrowAsync<JobQueueConfigurationException>())
                    .WithMessage("*allkeys-lru*maxmemory-policy noeviction*"));
            }

            await EnqueueAsync();
            await calls[0].Should().ThrowAsync<JobQueueConfigurationException>();
            (await StatisticsAsync()).StartedTotal.Should().Be(1);
        }
        finally
        {
            Raw("CONFIG", "SET", "maxmemory-policy", "noeviction");
        }

        await FetchOneAsync(consumer);
    }

    [Fact]
    public async Task A_replica_is_unavailable()
    {
        Raw("REPLICAOF", "127.0.0.1", "1");
        try
        {
            var check = async () => await Client().CheckHealthAsync(Bound);
            (await check.Should().ThrowAsync<JobQueueUnavailableException>()).WithMessage("*replica*");
            var write = async () => await Jobs.SetPausedAsync(Queue, true, Bound);
            await write.Should().ThrowAsync<JobQueueUnavailableException>();
        }
        finally
        {
            Raw("REPLICAOF", "NO", "ONE");
        }
    }
}
