using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>
/// Which queues' housekeeping is due, and what the question costs. Stamps are written as they are where housekeeping has gone on for long;
/// intervals are so long that a slow machine makes no gap.
/// </summary>
public sealed class RedisDueTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private const int Ago = -15_000;

    private RedisJobQueue _housekeeper = null!;
    private long _askedAt;

    private RedisKeys Other => new(Queue + "-other");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _housekeeper = Client(o =>
        {
            o.MaintenanceInterval = TimeSpan.FromSeconds(10);
            o.Lease = TimeSpan.FromMinutes(1);
            o.ConsumerExpiry = TimeSpan.FromHours(1);
        });
    }

    [Fact]
    public async Task A_turn_of_many_queues_without_work_is_a_few_calls_and_asks_the_server_who_it_is_as_often()
    {
        string[] queues = [.. Enumerable.Range(0, 600).Select(i => $"{Queue}-{i}")];
        await PrepareAsync(queues);
        (await FindDueAsync(queues)).Should().BeEmpty();
        Stamp(queues);
        Raw("CONFIG", "RESETSTAT");

        (await FindDueAsync(queues)).Should().BeEmpty();

        Calls("info").Should().Be(3);
        (Calls("evalsha") + Calls("eval")).Should().Be(3);
        Stamps(queues).Should().HaveCount(queues.Length).And.AllSatisfy(stamp => stamp.Should().BeGreaterThanOrEqualTo(_askedAt));
    }

    [Fact]
    public async Task A_turn_of_a_queue_without_jobs_does_not_ask_the_server_who_it_is()
    {
        await _housekeeper.MaintainAsync(Queue, Bound);
        Raw("CONFIG", "RESETSTAT");
        await _housekeeper.MaintainAsync(Queue, Bound);
        Calls("info").Should().Be(0);

        await EnqueueAsync();
        Raw("CONFIG", "RESETSTAT");
        await _housekeeper.MaintainAsync(Queue, Bound);
        Calls("info").Should().Be(1);
    }

    [Theory]
    [InlineData("delayed")]
    [InlineData("schedule")]
    [InlineData("cancelled")]
    [InlineData("trial")]
    [InlineData("outbox")]
    [InlineData("silent")]
    [InlineData("sweep")]
    [InlineData("events")]
    [InlineData("new")]
    [InlineData("version")]
    [InlineData("broken")]
    public async Task Only_the_queue_that_has_something_to_do_is_due(string what)
    {
        await PrepareAsync(Queue, Other.Queue);
        (await FindDueAsync(Other.Queue, Queue)).Should().BeEmpty();
        await GiveWorkAsync(what);
        Stamp(Queue, Other.Queue);

        (await FindDueAsync(Other.Queue, Queue)).Should().Equal(Queue);

        IsStamped(Queue).Should().BeFalse("its own turn does so");
        IsStamped(Other.Queue).Should().BeTrue();
    }

    [Fact]
    public async Task A_queue_that_another_process_has_just_looked_at_is_not_due()
    {
        await PrepareAsync(Queue);
        await GiveWorkAsync("delayed");
        Raw("HSET", Keys.Reaper, "stamp", Now(0));

        (await FindDueAsync(Queue)).Should().BeEmpty();
    }

    [Theory]
    [InlineData("stamp", "1")]
    [InlineData("server", "the one before")]
    public async Task Behind_a_gap_or_another_server_no_lease_is_judged(string field, string value)
    {
        await PrepareAsync(Queue);
        await GiveWorkAsync("silent");
        Stamp(Queue);
        Raw("HSET", Keys.Reaper, field, value);

        (await FindDueAsync(Queue)).Should().BeEmpty();

        Raw("HGET", Keys.Reaper, "since").Text.Should().NotBe("1");
        Raw("HGET", Keys.Reaper, "server").Text.Should().Be(RunId());
        IsStamped(Queue).Should().BeTrue();
    }

    [Fact]
    public async Task Turns_that_find_nothing_are_no_gap()
    {
        await PrepareAsync(Queue);

        await FindDueAsync(Queue);

        Raw("HGET", Keys.Reaper, "since").Text.Should().Be("1");
    }

    [Theory]
    [InlineData("lost", true)]
    [InlineData("c1~", true)]
    [InlineData("c1", false)]
    public async Task What_a_live_worker_does_not_renew_is_looked_for_once_a_lease_and_what_others_do_not_at_once(string owner, bool atOnce)
    {
        await PrepareAsync(Queue);
        Raw("ZADD", Keys.Consumers, Now(0), "c1");
        await GiveWorkAsync("silent", owner);
        Stamp(Queue);
        Raw("HSET", Keys.Reaper, "scanned", Now(0));

        (await FindDueAsync(Queue)).Should().HaveCount(atOnce ? 1 : 0);
        Stamp(Queue);
        await _housekeeper.MaintainAsync(Queue, Bound);
        Raw("XLEN", Keys.LaneKey(Lane.Returned)).Integer.Should().Be(atOnce ? 1 : 0);

        Stamp(Queue);
        var before = _askedAt;
        Raw("HSET", Keys.Reaper, "scanned", Now(-60_000));
        (await FindDueAsync(Queue)).Should().HaveCount(atOnce ? 0 : 1);
        Stamp(Queue);
        await _housekeeper.MaintainAsync(Queue, Bound);
        Raw("XLEN", Keys.LaneKey(Lane.Returned)).Integer.Should().Be(1);
        Number(Raw("HGET", Keys.Reaper, "scanned").Text).Should().BeGreaterThanOrEqualTo(before);
    }

    [Fact]
    public async Task The_jobs_of_a_lost_owner_are_recovered_where_only_due_queues_are_kept()
    {
        await EnqueueAsync();
        var lost = await OpenAsync("lost");
        await FetchOneAsync(lost);
        await lost.DisposeAsync();

        var recovered = 0;
        await Eventually.IsTrue(async () =>
        {
            foreach (var queue in await Jobs.FindDueAsync([Other.Queue, Queue], Bound))
                recovered += (await Jobs.MaintainAsync(queue, Bound)).Recovered;
            return recovered == 1;
        });

        (await StatisticsAsync()).Backlog.Should().Be(new Backlog(1, 0, Paused: false));
    }

    private async Task<IReadOnlyList<string>> FindDueAsync(params string[] queues) => await _housekeeper.FindDueAsync(queues, Bound);

    private async Task GiveWorkAsync(string what, string owner = "lost")
    {
        switch (what)
        {
            case "delayed":
                Raw("ZADD", Keys.Delayed, "1", "someone");
                break;
            case "schedule":
                Raw("ZADD", Keys.Schedules, "1", "nightly");
                break;
            case "cancelled":
                Raw("ZADD", Keys.Cancelled, "1", "someone");
                break;
            case "trial":
                Raw("HSET", Keys.Base + "trial", "someone", "1");
                break;
            case "outbox":
                Raw("HSET", Keys.Outbox, "someone", "albums.01JD3V6X9QK4T2M7R8ZB5C1N0G;1");
                break;
            case "silent":
                await EnqueueAsync();
                var lane = Keys.LaneKey(Lane.Normal);
                var read = Raw("XREADGROUP", "GROUP", RedisKeys.Group, owner, "STREAMS", lane, ">");
                Raw("XCLAIM", lane, RedisKeys.Group, owner, "0", read.Items![0].Items![1].Items![0].Items![0].Text, "IDLE", "90000");
                break;
            case "sweep":
                Raw("HSET", Keys.Reaper, "swept", "1");
                break;
            case "events":
                Raw("HSET", Keys.Reaper, "events", "1");
                break;
            case "new":
                Raw("DEL", Keys.Version);
                break;
            case "version":
                Raw("SET", Keys.Version, "2.0");
                break;
            default:
                Raw("SET", Keys.Delayed, "x");
                break;
        }
    }

    private async Task PrepareAsync(params string[] queues)
    {
        await (await OpenAsync("c1", queues)).DisposeAsync();
        await Task.WhenAll(queues.Select(queue => _housekeeper.MaintainAsync(queue, Bound).AsTask()));
        Set(queues, "server", RunId(), "since", "1", "swept", Now(0));
        Stamp(queues);
    }

    private void Stamp(params string[] queues)
    {
        _askedAt = Number(Now(0));
        Set(queues, "stamp", Text(_askedAt + Ago));
    }

    private void Set(string[] queues, params string[] fields) =>
        Raw(["EVAL", "for _, key in ipairs(KEYS) do redis.call('HSET', key, unpack(ARGV)) end", Text(queues.Length), .. queues.Select(q => new RedisKeys(q).Reaper), .. fields]);

    /// <summary>Whether it was since <see cref="Stamp"/>.</summary>
    private bool IsStamped(string queue) => Stamps(queue).Single() >= _askedAt;

    // In one call: each takes a connection.
    private long[] Stamps(params string[] queues)
    {
        const string Read = "local stamps = {} for i, key in ipairs(KEYS) do stamps[i] = redis.call('HGET', key, 'stamp') end return stamps";
        var stamps = Raw(["EVAL", Read, Text(queues.Length), .. queues.Select(q => new RedisKeys(q).Reaper)]);
        return [.. stamps.Items!.Select(stamp => Number(stamp.Text))];
    }

    private string Now(int ahead) => Text((Number(Raw("TIME").Items![0].Text) * 1000) + ahead);

    private string RunId() => Raw("INFO", "server").Text.Split('\n').Single(l => l.StartsWith("run_id:", StringComparison.Ordinal))[7..].Trim();

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
