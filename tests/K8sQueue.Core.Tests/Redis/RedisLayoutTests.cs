using System.Text.RegularExpressions;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Resp;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>What stands in the keys, as docs/reference/redis-queue.md tells it to scalers, people and other releases.</summary>
public sealed class RedisLayoutTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    [Fact]
    public void Every_key_of_a_queue_is_under_its_hash_tag()
    {
        var keys = new RedisKeys("emails");

        keys.LaneKey(Lane.Normal).Should().Be("k8squeue:{emails}:lane:normal");
        keys.Paused.Should().Be("k8squeue:{emails}:paused");
        new QueueHandle("emails").KeyNames.Should().OnlyHaveUniqueItems().And.OnlyContain(k => k.StartsWith("k8squeue:{emails}:"));
    }

    [Fact]
    public void Every_script_but_those_that_add_runs_on_a_full_server()
    {
        RedisScript[] enqueue = [RedisScript.Enqueue, RedisScript.Add, RedisScript.PutSchedule, RedisScript.FireSchedule, RedisScript.PutBatch];
        foreach (var script in RedisScript.All)
            script.Text.Split('\n')[0].Contains("allow-oom").Should().Be(!enqueue.Contains(script), "of {0}", script.Name);
    }

    [Fact]
    public void Scripts_that_end_no_job_are_spared_what_batches_need()
    {
        using var reader = new StreamReader(typeof(RedisScript).Assembly.GetManifestResourceStream("K8sQueue.Core.Redis.Scripts.prelude.lua")!);
        var prelude = reader.ReadToEnd();
        RedisScript[] spared = [.. RedisScript.All.Where(s => !s.Text.Contains("function batches()", StringComparison.Ordinal))];

        spared.Select(s => s.Name).Should().Contain(["add", "complete", "beat", "started"]);
        foreach (var script in spared)
        {
            // Whatever of the prelude may lead to an end.
            Regex.IsMatch(script.Text.Replace(prelude, "", StringComparison.Ordinal), @"\b(finish|bury|cancel|stop|put_back|put|accept|vacate|let_in|batches)\(")
                .Should().BeFalse("of {0}", script.Name);
        }
    }

    [Fact]
    public async Task Entries_stand_in_a_stream_a_lane_with_one_group()
    {
        var id = await EnqueueAsync("""{"a":1}""");
        await OpenAsync("c1");

        foreach (var lane in Enum.GetValues<Lane>())
        {
            Raw("TYPE", Keys.LaneKey(lane)).Text.Should().Be("stream");
            Raw("XINFO", "GROUPS", Keys.LaneKey(lane)).Items.Should().ContainSingle().Which.Items![1].Text.Should().Be("workers");
        }

        var entry = Raw("XRANGE", Keys.LaneKey(Lane.Normal), "-", "+").Items.Should().ContainSingle().Which;
        entry.Items![1].Items!.Select(f => f.Text).Should().HaveCount(4).And.StartWith("h").And.EndWith("""{"a":1}""");
        entry.Items[1].Items![1].Text.Should().MatchRegex($@"^1;{id.Ulid};1;0;1;\d{{13}};n;;;;;test\.job$");
    }

    [Fact]
    public async Task A_finished_queue_leaves_only_its_bookkeeping()
    {
        await EnqueueAsync();
        var consumer = await OpenAsync("c1");
        await CompleteAsync(consumer, await FetchOneAsync(consumer));
        await consumer.LeaveAsync(Bound);

        Keys.Lanes.Sum(l => Raw("XLEN", l).Integer).Should().Be(0);
        Keys.Lanes.SelectMany(l => Raw("XINFO", "CONSUMERS", l, "workers").Items!).Should().BeEmpty();
        Raw("KEYS", Keys.Base + "*").Items!.Select(k => k.Text).Should()
            .BeSubsetOf([.. Keys.Lanes, Keys.Version, Keys.Statistics, Keys.Reaper]);
    }

    [Fact]
    public async Task The_paused_set_has_one_member_while_paused()
    {
        Raw("SCARD", Keys.Paused).Integer.Should().Be(0);
        await Jobs.SetPausedAsync(Queue, true, Bound);
        await Jobs.SetPausedAsync(Queue, true, Bound);
        Raw("SCARD", Keys.Paused).Integer.Should().Be(1);
        await Jobs.SetPausedAsync(Queue, false, Bound);
        Raw("EXISTS", Keys.Paused).Integer.Should().Be(0);
    }

    [Fact]
    public async Task A_queue_of_a_newer_major_layout_is_refused()
    {
        Raw("SET", Keys.Version, "2.0");

        Func<Task>[] calls =
        [
            () => EnqueueAsync(),
            () => OpenAsync("c1"),
            async () => await Jobs.MaintainAsync(Queue, Bound),
        ];
        foreach (var call in calls)
            (await call.Should().ThrowAsync<JobQueueConfigurationException>()).WithMessage("*layout 2.0*1.0*");
        Raw("GET", Keys.Version).Text.Should().Be("2.0");
    }

    [Fact]
    public async Task A_queue_of_a_newer_minor_layout_is_shared_with_the_release_that_wrote_it()
    {
        Raw("SET", Keys.Version, "1.7");
        await EnqueueAsync();
        var consumer = await OpenAsync("c1");

        (await CompleteAsync(consumer, await FetchOneAsync(consumer))).Should().Be(LeaseOutcome.Done);
        Raw("GET", Keys.Version).Text.Should().Be("1.7");
    }

    [Fact]
    public async Task A_consumer_opens_two_sockets_beside_the_one_for_commands_and_all_have_the_name()
    {
        var name = $"pod-{Queue}";
        var client = Client(o => o.ClientName = name);
        await client.CheckHealthAsync(Bound);
        Connections(name).Should().HaveCount(1);

        var consumer = await OpenAsync("c1", client);
        await consumer.FetchAsync(1, Bound);
        await K8sQueue.Testing.Eventually.IsTrue(() => Connections(name).Length == 3);
    }

    [Fact]
    public async Task An_idle_queue_is_read_with_a_blocking_read_and_a_paused_one_is_not()
    {
        var name = $"pod-{Queue}";
        var client = Client(o =>
        {
            RedisFixture.Quiet(o);
            (o.ClientName, o.IdleWait) = (name, TimeSpan.FromSeconds(20));
        });
        var consumer = await OpenAsync("c1", client);
        var fetch = consumer.FetchAsync(1, Bound).AsTask();
        await K8sQueue.Testing.Eventually.IsTrue(() => Blocked(name));
        await consumer.QuiesceAsync(Bound);
        (await fetch).Should().BeEmpty();

        await Jobs.SetPausedAsync(Queue, true, Bound);
        var other = $"other-{Queue}";
        var paused = await OpenAsync("c2", Client(o => o.ClientName = other));
        fetch = paused.FetchAsync(1, Bound).AsTask();
        while (!fetch.IsCompleted)
            Blocked(other).Should().BeFalse();
    }

    [Fact]
    public async Task The_job_that_ends_a_wait_is_taken_on_the_socket_that_waited_with_no_round_trip_more()
    {
        var name = $"pod-{Queue}";
        var client = Client(o => o.ClientName = name);
        var consumer = await OpenAsync("c1", client);
        var fetch = FetchOneAsync(consumer);
        await K8sQueue.Testing.Eventually.IsTrue(() => Blocked(name));
        await EnqueueAsync();
        await fetch;

        Connections(name).Should().HaveCount(3).And.NotContain(c => c.Contains("cmd=xreadgroup", StringComparison.Ordinal));
        (await StatisticsAsync()).StartedTotal.Should().Be(1);
        Pending(Lane.Normal).Should().ContainSingle().Which.Items![1].Text.Should().Be("c1");
    }

    [Fact]
    public async Task The_heartbeat_of_one_consumer_never_takes_anothers_entry()
    {
        await EnqueueAsync();
        var owner = await OpenAsync("owner");
        var lease = await FetchOneAsync(owner);

        Run(RedisScript.Beat, "thief", "0", "0", "1", "0", lease.EntryId).Text.Should().Be("0");

        Pending(Lane.Normal).Should().ContainSingle().Which.Items![1].Text.Should().Be("owner");
        Run(RedisScript.Beat, "owner", "0", "0", "1", "0", lease.EntryId).Text.Should().Be("1");
        Pending(Lane.Normal)[0].Items![3].Integer.Should().Be(1, "a renewal is no delivery");
    }

    [Fact]
    public async Task A_consumer_that_owns_something_is_not_removed_since_its_jobs_would_be_lost()
    {
        await EnqueueAsync();
        var owner = await OpenAsync("owner");
        var lease = await FetchOneAsync(owner);

        Run(RedisScript.Leave, "owner").Integer.Should().Be(0);

        Pending(Lane.Normal).Should().HaveCount(1);
        (await CompleteAsync(owner, lease)).Should().Be(LeaseOutcome.Done);
        Run(RedisScript.Leave, "owner").Integer.Should().Be(1);
    }

    [Fact]
    public async Task Quiescing_and_cancelling_end_a_long_wait_at_once()
    {
        var client = Client(o =>
        {
            RedisFixture.Quiet(o);
            o.IdleWait = TimeSpan.FromMinutes(1);
        });
        var consumer = await OpenAsync("c1", client);
        for (var i = 0; i < 5; i++)
        {
            var started = TimeProvider.System.GetTimestamp();
            var fetch = consumer.FetchAsync(1, Bound).AsTask();
            await consumer.QuiesceAsync(Bound);
            (await fetch).Should().BeEmpty();
            consumer.Resume();
            using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(20 * i));
            var cancelled = async () => await consumer.FetchAsync(1, cancel.Token);
            await cancelled.Should().ThrowAsync<OperationCanceledException>();
            TimeProvider.System.GetElapsedTime(started).Should().BeLessThan(TimeSpan.FromSeconds(30));
        }
    }

    [Fact]
    public async Task What_happens_is_counted_by_queue()
    {
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        var counts = new System.Collections.Concurrent.ConcurrentDictionary<string, long>();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter.Name == K8sQueue.Core.Telemetry.JobQueueMetrics.MeterName)
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if ((string?)tags[0].Value == Queue)
                counts.AddOrUpdate(instrument.Name, value, (_, old) => old + value);
        });
        listener.Start();
        await EnqueueAsync();
        var stale = await OpenAsync("stale");
        var lease = await FetchOneAsync(stale);
        await stale.DisposeAsync();
        await MaintainUntilAsync(r => r.Recovered == 1);
        await CompleteAsync(stale, lease);

        counts.Should().BeEquivalentTo(new Dictionary<string, long>
        {
            ["k8squeue.jobs.enqueued"] = 1,
            ["k8squeue.jobs.recovered"] = 1,
            ["k8squeue.fenced.writes"] = 1,
        });
    }

    [Fact]
    public async Task A_recovered_job_stands_in_a_new_entry_and_the_old_one_is_gone()
    {
        await EnqueueAsync();
        var lost = await OpenAsync("lost");
        var lease = await FetchOneAsync(lost);
        await lost.DisposeAsync();
        await MaintainUntilAsync(r => r.Recovered == 1);

        Raw("XRANGE", Keys.LaneKey(Lane.Normal), lease.EntryId, lease.EntryId).Items.Should().BeEmpty();
        Pending(Lane.Normal).Should().BeEmpty();
        Pending(Lane.Returned).Should().BeEmpty("it waits for its next owner");
        Raw("XLEN", Keys.LaneKey(Lane.Returned)).Integer.Should().Be(1);
    }

    [Fact]
    public async Task What_a_blocking_read_delivered_to_a_dead_worker_goes_back_as_if_it_had_never_left()
    {
        var id = await EnqueueAsync();
        await OpenAsync("other");
        Raw("XREADGROUP", "GROUP", "workers", "dead~", "COUNT", "1", "STREAMS", Keys.LaneKey(Lane.Normal), ">").Items.Should().HaveCount(1);

        var recovered = 0;
        await K8sQueue.Testing.Eventually.IsTrue(async () =>
        {
            recovered += (await Jobs.MaintainAsync(Queue, Bound)).Recovered;
            return Raw("XLEN", Keys.LaneKey(Lane.Returned)).Integer == 1;
        });

        recovered.Should().Be(0);
        var consumer = await OpenAsync("c1");
        (await FetchOneAsync(consumer)).Job.Should().BeEquivalentTo(new { Id = id, Crashes = 0, Attempt = 1 });
        (await StatisticsAsync()).Should().BeEquivalentTo(new { StartedTotal = 1L, RecoveredTotal = 0L });
    }

    [Fact]
    public async Task Consumers_that_nobody_signed_in_are_swept_too_but_never_while_they_own_something()
    {
        var sweeper = Client(o => o.ConsumerExpiry = TimeSpan.FromMilliseconds(300));
        await OpenAsync("here", sweeper);
        await MaintainForAsync(RedisFixture.Options(Server).Lease * 1.5);
        await EnqueueAsync();
        Raw("XREADGROUP", "GROUP", "workers", "owns", "COUNT", "1", "STREAMS", Keys.LaneKey(Lane.Normal), ">");
        Raw("XGROUP", "CREATECONSUMER", Keys.LaneKey(Lane.Low), "workers", "idle");

        var recovered = 0;
        await K8sQueue.Testing.Eventually.IsTrue(async () =>
        {
            recovered += (await sweeper.MaintainAsync(Queue, Bound)).Recovered;
            return Raw("XINFO", "CONSUMERS", Keys.LaneKey(Lane.Low), "workers").Items!.Length == 0
                && Raw("XINFO", "CONSUMERS", Keys.LaneKey(Lane.Normal), "workers").Items!.Length == 0;
        });

        recovered.Should().Be(1, "its job is recovered before it is swept");
        (await StatisticsAsync()).Backlog.Should().Be(new Backlog(1, 0, Paused: false));
    }

    private bool Blocked(string name) => Connections(name).Any(c => c.Contains("cmd=xreadgroup", StringComparison.Ordinal)
        && c.Split(' ').Any(f => f.StartsWith("flags=", StringComparison.Ordinal) && f.Contains('b', StringComparison.Ordinal)));

    private RespValue[] Pending(Lane lane) => Raw("XPENDING", Keys.LaneKey(lane), "workers", "-", "+", "10").Items!;
}
