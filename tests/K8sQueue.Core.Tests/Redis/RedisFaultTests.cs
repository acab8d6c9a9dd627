using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Consumers;
using K8sQueue.Core.Telemetry;
using K8sQueue.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>A fault in one place costs no job that was taken in another.</summary>
public sealed class RedisFaultTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    public static TheoryData<string, string, Type> Faults => new()
    {
        { "lane:high", "x", typeof(InvalidOperationException) },
        { "version", "2.0", typeof(JobQueueConfigurationException) },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task A_fault_of_one_queue_keeps_no_job_of_another(string key, string value, Type fault)
    {
        var broken = new RedisKeys(Queue + "-b");
        var options = new JobConsumerOptions { Queues = [Queue, broken.Queue], Name = "c1" };
        await using var consumer = await Jobs.OpenConsumerAsync(options, Bound);
        if (key == "version")
            Raw(["DEL", .. broken.Lanes]); // the group is made again, which looks at the version
        Raw("SET", broken.Base + key, value);
        await EnqueueAsync();
        await EnqueueAsync();

        var leases = await consumer.FetchAsync(10, Bound);

        leases.Should().HaveCount(2);
        var next = async () => await consumer.FetchAsync(10, Bound);
        (await next.Should().ThrowAsync<Exception>()).Which.Should().BeOfType(fault);
        (await consumer.CompleteAsync([.. leases.Select(l => new JobCompletion(l))], Bound)).Should().AllBeEquivalentTo(LeaseOutcome.Done);
    }

    [Fact]
    public async Task A_lane_that_cannot_be_read_keeps_no_job_of_a_better_lane()
    {
        var consumer = await OpenAsync("c1");
        var id = await EnqueueAsync();
        Raw("SET", Keys.LaneKey(Lane.Low), "x");

        (await consumer.FetchAsync(10, Bound)).Should().ContainSingle().Which.Job.Id.Should().Be(id);

        var next = async () => await consumer.FetchAsync(1, Bound);
        (await next.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*WRONGTYPE*");
    }

    [Fact]
    public async Task Where_an_unreadable_entry_cannot_be_buried_the_jobs_beside_it_run()
    {
        var consumer = await OpenAsync("c1");
        Raw("XADD", Keys.LaneKey(Lane.Normal), "*", "some", "thing");
        var id = await EnqueueAsync();
        Raw("SET", Keys.Dead, "x");

        var leases = await consumer.FetchAsync(10, Bound);

        leases.Should().ContainSingle().Which.Job.Id.Should().Be(id);
    }

    [Fact]
    public async Task Quiesce_does_not_settle_while_a_fetch_may_still_take_jobs_and_hands_back_what_it_took()
    {
        var time = new ManualTimeProvider();
        var consumer = await OpenAsync("c1", Client(time: time));
        await EnqueueAsync();
        await FrozenAsync(async () =>
        {
            await GiveUpAsync(time, () => consumer.FetchAsync(1, Bound).AsTask());
            await GiveUpAsync(time, () => consumer.QuiesceAsync(Bound).AsTask());
        });

        await consumer.QuiesceAsync(Bound);

        (await StatisticsAsync()).Should().BeEquivalentTo(
            new { Backlog = new Backlog(1, 0, Paused: false), StartedTotal = 1L, ReleasedTotal = 1L });
        (await consumer.LeaveAsync(Bound)).Should().BeTrue();
    }

    [Fact]
    public async Task What_could_not_be_handed_back_when_fetching_stopped_is_when_the_consumer_leaves()
    {
        var time = new ManualTimeProvider();
        var consumer = await OpenAsync("c1", Client(RedisFixture.Quiet, time));
        await EnqueueAsync();
        await FrozenAsync(() => GiveUpAsync(time, () => consumer.FetchAsync(1, Bound).AsTask()));
        await Eventually.IsTrue(async () => (await StatisticsAsync()).StartedTotal == 1);
        Raw("ACL", "SETUSER", "default", "-eval", "-evalsha");
        try
        {
            var quiesce = async () => await consumer.QuiesceAsync(Bound);
            (await quiesce.Should().ThrowAsync<JobQueueConfigurationException>()).WithMessage("*NOPERM*");
        }
        finally
        {
            Raw("ACL", "SETUSER", "default", "+@all");
        }

        (await consumer.LeaveAsync(Bound)).Should().BeTrue();

        (await StatisticsAsync()).Should().BeEquivalentTo(
            new { Backlog = new Backlog(1, 0, Paused: false), ReleasedTotal = 1L, RecoveredTotal = 0L, Consumers = 0 });
    }

    [Fact]
    public async Task A_late_fetch_that_is_refused_is_settled()
    {
        var time = new ManualTimeProvider();
        var consumer = await OpenAsync("c1", Client(time: time));
        Raw("SET", Keys.LaneKey(Lane.Low), "x");
        await FrozenAsync(() => GiveUpAsync(time, () => consumer.FetchAsync(1, Bound).AsTask()));

        var quiesce = async () => await consumer.QuiesceAsync(Bound);
        await quiesce.Should().NotThrowAsync();
    }

    [Fact]
    public async Task A_late_fetch_is_kept_where_its_leases_cannot_be_renewed_at_once()
    {
        var time = new ManualTimeProvider();
        var consumer = await OpenAsync("c1", Client(time: time));
        var id = await EnqueueAsync();
        var fetch = async () => await consumer.FetchAsync(1, Bound);
        await FrozenAsync(() => GiveUpAsync(time, fetch));
        await Eventually.IsTrue(async () => (await StatisticsAsync()).StartedTotal == 1);
        await FrozenAsync(() => GiveUpAsync(time, fetch));

        var lease = (await fetch()).Should().ContainSingle().Which;

        lease.Job.Id.Should().Be(id);
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
    }

    [Fact]
    public async Task Jobs_whose_delivery_nobody_heard_of_go_back_and_are_never_poison_however_often()
    {
        const int Rounds = 5;
        var client = Client(RedisFixture.Patient);
        await OpenAsync("c1", client);
        var ids = new[] { await EnqueueAsync(tracked: true), await EnqueueAsync() };
        for (var round = 1; round <= Rounds; round++)
        {
            Run(RedisScript.Fetch, "c1", "9", "0", "0").Items.Should().HaveCount(3, "it took jobs of one lane");
            Backdate("c1", TimeSpan.FromHours(1));
            Run(RedisScript.Beat, "c1", "0", "0", "0", "0");
            (await JudgeAsync(client)).Recovered.Should().Be(ids.Length);
        }

        var leases = await (await OpenAsync("c2")).FetchAsync(9, Bound);
        leases.Select(l => l.Job.Id).Should().BeEquivalentTo(ids);
        leases.Should().AllSatisfy(l => l.Job.Should().BeEquivalentTo(new { Attempt = 1, Crashes = 0, Epoch = Rounds + 1L }));
        (await StatisticsAsync()).Should().BeEquivalentTo(new
        {
            DeadLetters = 0L, Parked = 0L, RecoveredTotal = (long)Rounds * ids.Length, StartedTotal = (Rounds + 1L) * ids.Length,
        });
    }

    [Fact]
    public async Task A_worker_that_waits_for_an_answer_gives_signs_of_life_and_does_not_start_what_went_back_meanwhile()
    {
        var time = new ManualTimeProvider();
        var client = Client(RedisFixture.Patient, time);
        var consumer = await OpenAsync("c1", client);
        var id = await EnqueueAsync();
        await FrozenAsync(() => GiveUpAsync(time, () => consumer.FetchAsync(1, Bound).AsTask()));
        await Eventually.IsTrue(async () => (await StatisticsAsync()).StartedTotal == 1);
        Backdate("c1", TimeSpan.FromHours(1));
        var seen = Seen();

        await Eventually.IsTrue(() => Seen() != seen);
        (await JudgeAsync(client)).Recovered.Should().Be(1);

        var lease = await FetchOneAsync(consumer);
        lease.Job.Should().BeEquivalentTo(new { Id = id, Crashes = 0, Epoch = 2L });
        (await CompleteAsync(consumer, lease)).Should().Be(LeaseOutcome.Done);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { StartedTotal = 2L, RecoveredTotal = 1L, CompletedTotal = 1L });

        string Seen() => Raw("ZSCORE", Keys.Consumers, "c1").Text;
    }

    [Fact]
    public async Task Every_call_to_a_silent_server_ends_in_time_also_while_connecting_anew()
    {
        var time = new ManualTimeProvider();
        var client = Client(time: time);
        await client.CheckHealthAsync(Bound);
        await FrozenAsync(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                var began = time.GetUtcNow();
                await GiveUpAsync(time, () => client.GetStatisticsAsync(Queue, Bound).AsTask());
                (time.GetUtcNow() - began).Should().BeLessThanOrEqualTo(CallTimeout);
            }
        });

        await Eventually.Passes(() =>
        {
            time.Advance(CallTimeout); // a driver that finds no connection for longer than that is given up
            return client.CheckHealthAsync(Bound).AsTask();
        });
    }

    [Fact]
    public async Task A_cancelled_fetch_does_not_wait_for_the_connection_of_its_blocking_read()
    {
        await using var reading = new Reading(this, callTimeout: TimeSpan.FromMinutes(1));
        var stop = new TaskCompletionSource();
        await FrozenAsync(async () =>
        {
            var read = reading.ReadAsync(TimeSpan.FromMinutes(1), stop.Task);
            stop.SetResult();
            (await read.WaitAsync(TimeSpan.FromSeconds(30), Bound)).Delivered.Should().BeEmpty();
        });
    }

    [Fact]
    public async Task A_blocking_read_that_the_server_refuses_keeps_no_socket()
    {
        await using var reading = new Reading(this);
        await OpenAsync("c1");
        (await reading.ReadAsync(TimeSpan.FromMilliseconds(20), Never)).Delivered.Should().BeEmpty();
        Connections(reading.Name).Should().HaveCount(1);
        Raw("ACL", "SETUSER", "default", "-xreadgroup");
        try
        {
            var read = () => reading.ReadAsync(TimeSpan.FromMilliseconds(20), Never);
            (await read.Should().ThrowAsync<JobQueueConfigurationException>()).WithMessage("*NOPERM*");
        }
        finally
        {
            Raw("ACL", "SETUSER", "default", "+@all");
        }

        await Eventually.IsTrue(() => Connections(reading.Name).Length == 0);
        (await reading.ReadAsync(TimeSpan.FromMilliseconds(20), Never)).Delivered.Should().BeEmpty();
    }

    [Fact]
    public async Task Without_the_right_to_unblock_a_stopped_read_is_not_left_behind()
    {
        var consumer = await OpenAsync("c1", Client(o => (o.ClientName, o.IdleWait) = ("unblock-" + Queue, TimeSpan.FromSeconds(20))));
        Raw("ACL", "SETUSER", "default", "-client|unblock");
        try
        {
            var fetch = consumer.FetchAsync(1, Bound).AsTask();
            await Eventually.IsTrue(() => Blocked() == 1);
            await consumer.QuiesceAsync(Bound);
            (await fetch).Should().BeEmpty();
            await Eventually.IsTrue(() => Blocked() == 0);
        }
        finally
        {
            Raw("ACL", "SETUSER", "default", "+@all");
        }

        consumer.Resume();
        var id = await EnqueueAsync();
        (await FetchOneAsync(consumer)).Job.Id.Should().Be(id);

        int Blocked() => Connections("unblock-" + Queue).Count(l => l.Contains(" cmd=xreadgroup ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_fetch_whose_read_was_given_up_may_have_taken_jobs_so_that_signs_of_life_go_on()
    {
        await OpenAsync("c1");
        var options = RedisFixture.Options(Server);
        (options.ClientName, options.IdleWait) = ("lost-" + Queue, TimeSpan.FromSeconds(20));
        var services = new RedisServices(options, new RedisEndpoint(options), TimeProvider.System, NullLoggerFactory.Instance, new JobQueueMetrics());
        await using var connection = services.Connection;
        var leases = new LeaseTable(1, options.Lease, TimeProvider.System, services.Clock);
        using var fetcher = new RedisFetcher(services, [new QueueHandle(Queue)], leases, "c1");
        var stop = new TaskCompletionSource();
        Raw("ACL", "SETUSER", "default", "-client|unblock");
        try
        {
            var fetch = fetcher.FetchAsync(1, stop.Task);
            await Eventually.IsTrue(() => Connections("lost-" + Queue).Any(l => l.Contains(" cmd=xreadgroup ", StringComparison.Ordinal)));
            leases.MayOwn(0).Should().BeFalse();
            stop.SetResult();

            (await fetch).Should().BeEmpty();

            leases.MayOwn(0).Should().BeTrue();
        }
        finally
        {
            Raw("ACL", "SETUSER", "default", "+@all");
        }
    }

    [Fact]
    public async Task Without_the_right_to_transactions_the_scripts_do_it_all()
    {
        const int Many = 60;
        Raw("ACL", "SETUSER", "default", "-multi");
        try
        {
            var requests = Enumerable.Repeat(new JobRequest { Queue = Queue, Type = "test.job" }, Many).ToList();
            var ids = new List<JobId>();
            for (var i = 0; i < 3; i++)
                ids.AddRange((await Jobs.EnqueueAsync(requests, Bound)).Ids());
            var consumer = await OpenAsync("c1", Client());
            var leases = new List<JobLease>();
            for (var i = 0; i < 3; i++)
                leases.AddRange(await consumer.FetchAsync(Many, Bound));

            leases.Select(l => l.Job.Id).Should().Equal(ids);
            (await StatisticsAsync()).Should().BeEquivalentTo(
                new { EnqueuedTotal = 3L * Many, StartedTotal = 3L * Many, Backlog = new Backlog(0, 3 * Many, Paused: false) });
        }
        finally
        {
            Raw("ACL", "SETUSER", "default", "+@all");
        }
    }

    [Fact]
    public async Task A_connection_to_a_demoted_primary_is_given_up()
    {
        var name = "demoted-" + Queue;
        var client = Client(o => o.ClientName = name);
        await client.SetPausedAsync(Queue, false, Bound);
        var before = Connections(name).Should().ContainSingle().Which.Split(' ')[0];
        Raw("REPLICAOF", "127.0.0.1", "1");
        try
        {
            var write = async () => await client.SetPausedAsync(Queue, true, Bound);
            await write.Should().ThrowAsync<JobQueueUnavailableException>();
            await Eventually.IsTrue(() => !Connections(name).Any(l => l.StartsWith(before + " ", StringComparison.Ordinal)));
        }
        finally
        {
            Raw("REPLICAOF", "NO", "ONE");
        }

        await Eventually.Passes(() => client.SetPausedAsync(Queue, true, Bound).AsTask());
    }

    [Fact]
    public async Task A_connection_that_leads_to_a_replica_is_given_up_by_the_check_of_its_server()
    {
        var name = "replica-" + Queue;
        var client = Client(o => o.ClientName = name);
        Raw("REPLICAOF", "127.0.0.1", "1");
        try
        {
            var check = async () => await client.CheckHealthAsync(Bound);
            (await check.Should().ThrowAsync<JobQueueUnavailableException>()).WithMessage("*replica*");
            await Eventually.IsTrue(() => Connections(name).Length == 0);
        }
        finally
        {
            Raw("REPLICAOF", "NO", "ONE");
        }

        await client.CheckHealthAsync(Bound);
    }

    [Fact]
    public async Task A_driver_that_does_not_come_back_is_given_up()
    {
        var time = new ManualTimeProvider();
        var connection = new RedisConnection(new RedisEndpoint(RedisFixture.Options(Server)), CallTimeout, time, NullLogger.Instance);
        await using var disposal = connection;
        var call = connection.Start(RedisScript.Backlog, new QueueHandle(Queue).Keys, [RedisServices.LayoutVersion], _ => true);
        await connection.WithDeadlineAsync(call);
        call.Session!.Multiplexer.Close();

        var ping = async () => await connection.ExecuteAsync("PING");

        await ping.Should().ThrowAsync<JobQueueUnavailableException>();
        time.Advance(CallTimeout + TimeSpan.FromMilliseconds(1));
        await Eventually.Passes(ping);
    }

    private static Task Never { get; } = new TaskCompletionSource().Task;

    /// <summary>A blocking reader alone, with a connection of its own to be counted.</summary>
    private sealed class Reading : IAsyncDisposable
    {
        private readonly RedisServices _services;
        private readonly BlockingReader _reader;
        private readonly QueueHandle _queue;

        public Reading(RedisFaultTests test, TimeSpan? callTimeout = null)
        {
            var options = RedisFixture.Options(test.Server);
            options.OperationTimeout = callTimeout ?? options.OperationTimeout;
            options.ClientName = Name = "reading-" + test.Queue;
            _services = new RedisServices(
                options, new RedisEndpoint(options), TimeProvider.System,
                NullLoggerFactory.Instance, new JobQueueMetrics());
            _reader = new(_services, "c1");
            _queue = new QueueHandle(test.Queue);
        }

        public string Name { get; }

        public Task<BlockingReply> ReadAsync(TimeSpan wait, Task stop) => _reader.ReadAsync([_queue], wait, stop);

        public ValueTask DisposeAsync()
        {
            _reader.Dispose();
            return _services.Connection.DisposeAsync();
        }
    }
}
