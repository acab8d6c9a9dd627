using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Bulk enqueues bypass the script and promise the same.</summary>
public sealed class RedisBulkTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public async Task Many_jobs_are_added_with_plain_commands_in_order_and_counted()
    {
        await EnqueueAsync();
        Raw("CONFIG", "RESETSTAT");
        Raw("SCRIPT", "FLUSH");

        var ids = (await Jobs.EnqueueAsync([.. Enumerable.Range(0, 2030).Select(i => Request($"{i}"))], Bound)).Ids();

        (Calls("exec"), Calls("eval"), Calls("evalsha")).Should().Be((3, 6, 0), "in each part there is a script that counts, and behind it one that reads");
        Calls("xadd").Should().Be(2030);
        Raw("KEYS", Keys.Base + "bulk:*").Items.Should().BeEmpty();
        (await StatisticsAsync()).Should().BeEquivalentTo(new { EnqueuedTotal = 2031L, Backlog = new Backlog(2031, 0, Paused: false) });
        var consumer = await OpenAsync("c1");
        var leases = (await consumer.FetchAsync(3000, Bound)).Skip(1).ToList();
        leases.Select(l => l.Job.Id).Should().Equal(ids);
        leases.Select(l => System.Text.Encoding.UTF8.GetString(l.Job.Payload.Span)).Should().Equal(Enumerable.Range(0, 2030).Select(i => $"{i}"));
        var (asked, job) = (Request("7"), leases[7].Job);
        job.Should().BeEquivalentTo(new { asked.Type, asked.Lane, asked.Retry, asked.Timeout, asked.TraceParent, Traits = default(JobTraits) });
        (await Jobs.ListQueuesAsync(Bound)).Should().Contain(Queue);
    }

    [Fact]
    public async Task A_fetch_that_is_answered_late_keeps_the_order()
    {
        var ids = (await Jobs.EnqueueAsync([.. Enumerable.Range(0, 100).Select(i => Request($"{i}"))], Bound)).Ids();

        // Every answer is late by that.
        var consumer = await OpenAsync("c1", Client(options => (options.HeartbeatInterval, options.Lease) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(1))));
        var leases = await consumer.FetchAsync(100, Bound);

        leases.Select(l => l.Job.Id).Should().Equal(ids);
    }

    [Fact]
    public async Task The_time_of_enqueue_is_the_servers_whatever_the_clock_here_says()
    {
        var began = Compliance.JobQueueCompliance.Now();
        var time = new SkewedTime();
        await using var client = new RedisJobQueue(RedisFixture.Options(Server), time);
        for (var i = 0; i < 3; i++)
        {
            await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
            time.Passed += TimeSpan.FromHours(9);
        }

        var leases = await (await OpenAsync("c1")).FetchAsync(1000, Bound);

        foreach (var lease in leases)
        {
            var accepted = long.Parse(lease.EntryId.Split('-')[0], System.Globalization.CultureInfo.InvariantCulture);
            lease.Job.EnqueuedAt.Should().BeOnOrAfter(began).And.BeOnOrBefore(DateTimeOffset.FromUnixTimeMilliseconds(accepted));
        }
    }

    [Fact]
    public async Task A_full_server_takes_none()
    {
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        Raw("CONFIG", "SET", "maxmemory", "1");
        try
        {
            var enqueue = async () => await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
            await enqueue.Should().ThrowAsync<JobQueueFullException>();
        }
        finally
        {
            Raw("CONFIG", "SET", "maxmemory", "0");
        }

        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { EnqueuedTotal = 120L, Backlog = new Backlog(120, 0, Paused: false) });
    }

    [Fact]
    public async Task A_server_that_refuses_to_write_says_why_and_takes_none()
    {
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        var enqueue = async () => await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 2030)], Bound);
        Raw("CONFIG", "SET", "min-replicas-to-write", "1");
        try
        {
            (await enqueue.Should().ThrowAsync<JobQueueUnavailableException>()).WithMessage("*NOREPLICAS*");
        }
        finally
        {
            Raw("CONFIG", "SET", "min-replicas-to-write", "0");
        }

        await enqueue.Should().NotThrowAsync();
        (await StatisticsAsync()).Should().BeEquivalentTo(new { EnqueuedTotal = 2090L, Backlog = new Backlog(2090, 0, Paused: false) });
    }

    [Fact]
    public async Task A_lane_that_takes_no_entries_is_an_error()
    {
        Raw("SET", Keys.LaneKey(Lane.Normal), "not ours");
        var enqueue = async () => await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        (await enqueue.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*WRONGTYPE*");

        Raw("DEL", Keys.LaneKey(Lane.Normal));
        Raw("XADD", Keys.LaneKey(Lane.Normal), "18446744073709551615-18446744073709551615", "h", "1;01M8NN39JJ0PP7YK8TMV1KPKVR", "p", "{}");
        (await enqueue.Should().ThrowAsync<InvalidOperationException>()).WithMessage("*takes no more entries*");
        Raw("HGET", Keys.Statistics, "enqueued").IsNull.Should().BeTrue();
    }

    [Theory]
    [InlineData("client|reply")]
    [InlineData("multi")]
    [InlineData("exec")]
    public async Task Who_may_not_send_it_adds_by_script(string command)
    {
        Raw("ACL", "SETUSER", "default", "-" + command);
        try
        {
            var ids = (await Client().EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound)).Ids();

            (await (await OpenAsync("c1")).FetchAsync(100, Bound)).Select(l => l.Job.Id).Should().Equal(ids);
        }
        finally
        {
            Raw("ACL", "SETUSER", "default", "+" + command);
        }
    }

    [Theory]
    [InlineData("multi", 60)]
    [InlineData("exec", 60)]
    [InlineData("exec", 2030)]
    public async Task Who_may_not_send_it_any_more_adds_all_once_and_in_order(string command, int jobs)
    {
        var client = Client();
        await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        Raw("ACL", "SETUSER", "default", "-" + command);
        IReadOnlyList<JobId> ids;
        try
        {
            ids = (await client.EnqueueAsync([.. Enumerable.Repeat(Request(), jobs)], Bound)).Ids();
        }
        finally
        {
            Raw("ACL", "SETUSER", "default", "+" + command);
        }

        (await (await OpenAsync("c1")).FetchAsync(3000, Bound)).Skip(60).Select(l => l.Job.Id).Should().Equal(ids);
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(60 + jobs);
    }

    [Theory]
    [InlineData("xadd", typeof(InvalidOperationException), 0)]
    [InlineData("eval", typeof(JobQueueConfigurationException), 0)]

    // Nobody can tell whose the replies are, so it is as if none had come.
    [InlineData("client|reply", typeof(JobQueueUnavailableException), 60)]
    public async Task Who_may_not_send_it_any_more_gets_an_error_and_can_go_on_with_the_right(string command, Type error, long added)
    {
        var client = Client();
        await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        var enqueue = async () => await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        Raw("ACL", "SETUSER", "default", "-" + command);
        try
        {
            (await enqueue.Should().ThrowAsync<Exception>()).Which.Should().BeOfType(error);
        }
        finally
        {
            Raw("ACL", "SETUSER", "default", "+" + command);
        }

        Raw("XLEN", Keys.LaneKey(Lane.Normal)).Integer.Should().Be(60 + added);
        await enqueue.Should().NotThrowAsync();
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(120 + added);
    }

    [Fact]
    public async Task A_queue_that_has_another_major_layout_by_now_takes_none()
    {
        await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        Raw("SET", Keys.Version, "2.0");

        var enqueue = async () => await Jobs.EnqueueAsync([.. Enumerable.Repeat(Request("late"), 60)], Bound);

        (await enqueue.Should().ThrowAsync<JobQueueConfigurationException>()).WithMessage("*layout 2.0*1.0*");
        Raw("XLEN", Keys.LaneKey(Lane.Normal)).Integer.Should().Be(60);
        Raw("XRANGE", Keys.LaneKey(Lane.Normal), "-", "+").Items!.Select(e => e.Items![1].Items![3].Text).Should().NotContain("late");
        Raw("HGET", Keys.Statistics, "enqueued").Text.Should().Be("60");
        Raw("GET", Keys.Version).Text.Should().Be("2.0");
    }

    [Fact]
    public async Task A_silent_server_is_given_up_in_time_and_found_again()
    {
        var time = new ManualTimeProvider();
        var client = Client(time: time);
        await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        var enqueue = async () => await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        var began = time.GetUtcNow();

        await FrozenAsync(() => GiveUpAsync(time, enqueue));

        (time.GetUtcNow() - began).Should().Be(CallTimeout);
        await Eventually.Passes(enqueue);
    }

    [Fact]
    public async Task A_connection_that_the_server_closed_meanwhile_costs_no_call()
    {
        var name = "bulk-" + Queue;
        var client = Client(o => o.ClientName = name);
        await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        Connections(name).Should().HaveCount(2, "one for commands, one for bulk");
        foreach (var line in Connections(name))
            Raw("CLIENT", "KILL", "ID", line.Split(' ')[0].Split('=')[1]);
        await Eventually.Passes(() => client.CheckHealthAsync(Bound).AsTask());

        await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);

        (await StatisticsAsync()).EnqueuedTotal.Should().Be(120);
    }

    [Fact]
    public async Task A_worker_has_no_socket_for_it_and_enqueues_all_the_same()
    {
        var name = "worker-" + Queue;
        var client = Client(o => o.ClientName = name);
        await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound);
        var consumer = await OpenAsync("c1", client);

        var ids = (await client.EnqueueAsync([.. Enumerable.Repeat(Request(), 60)], Bound)).Ids();

        (await consumer.FetchAsync(500, Bound)).Skip(60).Select(l => l.Job.Id).Should().Equal(ids);
        await consumer.FetchAsync(500, Bound);
        await Eventually.IsTrue(() => Connections(name).Length == RedisSockets.PerWorker);
    }

    private JobRequest Request(string payload = "{}") => new()
    {
        Queue = Queue,
        Type = "test;job",
        Payload = System.Text.Encoding.UTF8.GetBytes(payload),
        Lane = Lane.Normal,
        Timeout = TimeSpan.FromSeconds(9),
        TraceParent = "00-1-2-01",
        Retry = new RetryPolicy { MaxAttempts = 7, Backoff = BackoffKind.Fixed },
    };

    private sealed class SkewedTime : TimeProvider
    {
        /// <summary>What passed here and nowhere else, since the last word of the server.</summary>
        public TimeSpan Passed { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(5);

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Passed.TotalSeconds * TimestampFrequency);
    }
}
