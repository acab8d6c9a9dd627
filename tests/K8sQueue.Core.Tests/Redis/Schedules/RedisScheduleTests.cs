using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Schedules;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis.Schedules;

/// <summary>Schedules as they stand in the keys: their next times are moved by hand, since the broker's clock can't be.</summary>
public sealed class RedisScheduleTests(RedisFixture redis) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private const string Hourly = "0 * * * *";

    [Fact]
    public async Task A_schedule_stands_in_two_keys_and_leaves_none()
    {
        await Jobs.PutScheduleAsync(Schedule("s", Hourly), Bound);
        Raw("ZRANGE", Keys.Schedules, "0", "-1").Items!.Select(i => i.Text).Should().Equal("s");
        Raw("HKEYS", Keys.ScheduleJobs).Items!.Select(i => i.Text).Should().BeEquivalentTo("s", "s:v", "s:l");
        Raw("HGET", Keys.ScheduleJobs, "s").Text.Should().StartWith("""{"cron":"0 * * * *","timeZone":"UTC","misfire":"FireOnce",""");

        await Jobs.DeleteScheduleAsync(Queue, "s", Bound);
        Raw("EXISTS", Keys.Schedules, Keys.ScheduleJobs).Integer.Should().Be(0);
    }

    [Theory]
    [InlineData(MisfirePolicy.FireOnce, 1)]
    [InlineData(MisfirePolicy.Skip, 0)]
    [InlineData(MisfirePolicy.FireAll, 5)]
    public async Task What_was_missed_is_served_by_the_policy(MisfirePolicy policy, int starts)
    {
        // Half a minute off the time that it is: nothing is due just now.
        var second = TimeProvider.System.GetUtcNow().AddSeconds(30).Second;
        await Jobs.PutScheduleAsync(Schedule("s", $"{second} */2 * * * ?") with { Misfire = policy, MisfireGrace = TimeSpan.FromMilliseconds(1) }, Bound);
        var next = (await Jobs.GetScheduleAsync(Queue, "s", Bound))!.NextFireAt!.Value;
        Move("s", next.AddMinutes(-10));

        (await Jobs.MaintainAsync(Queue, Bound)).Fired.Should().Be(starts);

        var status = await Jobs.GetScheduleAsync(Queue, "s", Bound);
        status!.NextFireAt.Should().BeOnOrAfter(next).And.BeOnOrBefore(next.AddMinutes(2));
        var jobs = Raw("XRANGE", Keys.LaneKey(Lane.Normal), "-", "+").Items!.Select(e => e.Items![1].Items![1].Text).ToList();
        jobs.Should().HaveCount(starts);
        if (starts > 0)
            status.LastFireAt.Should().Be(status.NextFireAt!.Value.AddMinutes(-2));
        if (policy == MisfirePolicy.FireAll)
            jobs[0].Should().EndWith($";c=s@{next.AddMinutes(-10).ToUnixTimeMilliseconds()};test.job");
    }

    [Fact]
    public async Task Only_the_last_of_very_many_are_made_up_for()
    {
        await Jobs.PutScheduleAsync(Schedule("s", "* * * * * ?") with { Misfire = MisfirePolicy.FireAll, Job = Request(new string('x', 40_000)) }, Bound);
        Move("s", (await Jobs.GetScheduleAsync(Queue, "s", Bound))!.NextFireAt!.Value.AddDays(-365));

        (await Jobs.MaintainAsync(Queue, Bound)).Fired.Should().Be(ScheduleLimits.MaxStarts);

        await Jobs.DeleteScheduleAsync(Queue, "s", Bound);
        Raw("KEYS", Keys.Base + "payload:*").Items.Should().HaveCount(ScheduleLimits.MaxStarts, "a large payload has a key of its own");
        var consumer = await OpenAsync("c1");
        var lease = await FetchOneAsync(consumer);
        (await consumer.LoadAsync(lease, Bound)).Payload.Length.Should().Be(40_000);
    }

    [Fact]
    public async Task Many_schedules_that_are_due_together_all_fire_beside_some_that_can_not()
    {
        foreach (var i in Enumerable.Range(0, 35))
        {
            await Jobs.PutScheduleAsync(Schedule($"s{i:00}", Hourly), Bound);
            Move($"s{i:00}", DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(i));
            if (i < 12)
                Raw("HSET", Keys.ScheduleJobs, $"s{i:00}", i % 2 == 0 ? "{" : Definition($"s{i:00}").Replace("\"UTC\"", "\"Mars/Olympus\"", StringComparison.Ordinal));
        }

        (await MaintainUntilAsync(r => r.Fired >= 23)).Fired.Should().Be(23);
        (await Jobs.MaintainAsync(Queue, Bound)).Fired.Should().Be(0);

        var statuses = await Jobs.ListSchedulesAsync(Queue, null, 100, Bound);
        statuses.Take(12).Should().OnlyContain(s => s.State == ScheduleState.Invalid && s.Problem != null);
        statuses[0].Schedule.Should().BeNull();
        statuses[1].Problem.Should().Contain("Mars/Olympus");
        statuses.Skip(12).Should().OnlyContain(s => s.State == ScheduleState.Active);
        await FluentActions.Awaiting(() => Jobs.TriggerScheduleAsync(Queue, "s00", Bound).AsTask()).Should().ThrowAsync<ArgumentException>();

        await Jobs.PutScheduleAsync(Schedule("s00", Hourly), Bound);
        (await Jobs.GetScheduleAsync(Queue, "s00", Bound))!.State.Should().Be(ScheduleState.Active, "it is mended by another one in its place");
    }

    [Fact]
    public async Task A_turn_that_lasts_leaves_the_rest_to_the_next_one_which_begins_there()
    {
        foreach (var i in Enumerable.Range(0, 3))
        {
            await Jobs.PutScheduleAsync(Schedule($"s{i}", Hourly), Bound);
            Move($"s{i}", DateTimeOffset.UnixEpoch.AddYears(50).AddSeconds(i));
        }

        await using var slow = new RedisJobQueue(RedisFixture.Options(Server), new RacingTime());
        foreach (var i in Enumerable.Range(0, 3))
        {
            (await slow.MaintainAsync(Queue, Bound)).Fired.Should().Be(1);
            (await Jobs.GetScheduleAsync(Queue, $"s{i}", Bound))!.LastFireAt.Should().NotBeNull();
        }

        (await slow.MaintainAsync(Queue, Bound)).Fired.Should().Be(0);
    }

    [Fact]
    public async Task A_decision_is_void_where_the_schedule_or_its_time_is_another_one_by_then()
    {
        await Jobs.PutScheduleAsync(Schedule("s", Hourly), Bound);
        var (score, revision) = (Raw("ZSCORE", Keys.Schedules, "s").Text, Raw("HGET", Keys.ScheduleJobs, "s:v").Text);
        var job = new[] { "1", EntryHeader.Head(JobId.Create(Queue, tracked: false, TimeProvider.System)), EntryHeader.Tail(Request("1")) };
        object[] Decision(string next, string of, string until) => [RedisServices.LayoutVersion, "s", of, next, score, until, "1", .. job];

        Run(RedisScript.FireSchedule, Decision("1", revision, "9e15")).Items![0].Integer.Should().Be(-1, "another time is next");
        Run(RedisScript.FireSchedule, Decision(score, "other", "9e15")).Items![0].Integer.Should().Be(-1, "it was put again");
        Run(RedisScript.FireSchedule, Decision(score, revision, "1")).Items![0].Integer.Should().Be(-1, "it comes too late");
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(0);

        Run(RedisScript.FireSchedule, Decision(score, revision, "9e15")).Items![0].Integer.Should().Be(0);
        (await StatisticsAsync()).Should().BeEquivalentTo(new { EnqueuedTotal = 1L, Backlog = new Backlog(1, 0, false) });
    }

    [Fact]
    public async Task A_queue_has_no_more_schedules_than_it_may()
    {
        await Jobs.PutScheduleAsync(Schedule("s", Hourly), Bound);
        foreach (var i in Enumerable.Range(1, ScheduleLimits.MaxSchedules - 1))
            Raw("HSET", Keys.ScheduleJobs, $"x{i}", "{}", $"x{i}:v", "1", $"x{i}:l", "");

        var put = () => Jobs.PutScheduleAsync(Schedule("t", Hourly), Bound).AsTask();
        (await put.Should().ThrowAsync<ArgumentException>()).WithMessage("*1000 schedules*");
        (await Jobs.PutScheduleAsync(Schedule("s", Hourly), Bound)).Should().BeFalse("one that is there may change");
        await Jobs.DeleteScheduleAsync(Queue, "x1", Bound);
        (await Jobs.PutScheduleAsync(Schedule("t", Hourly), Bound)).Should().BeTrue();
    }

    [Fact]
    public async Task Schedules_that_are_put_by_many_at_once_end_as_one_of_them()
    {
        var clients = Enumerable.Range(0, 4).Select(_ => Client()).ToList();
        var puts = await Task.WhenAll(clients.SelectMany(c => Enumerable.Range(0, 3).Select(i =>
            c.PutScheduleAsync(Schedule("s", Hourly) with { Job = Request($"{i}") }, Bound).AsTask())));

        puts.Count(created => created).Should().Be(1);
        Raw("HLEN", Keys.ScheduleJobs).Integer.Should().Be(3);
    }

    [Fact]
    public async Task On_a_full_server_due_schedules_wait_and_the_housekeeping_goes_on()
    {
        await using var server = await RedisServer.StartAsync();
        await using var jobs = new RedisJobQueue(RedisFixture.Options(server));
        await jobs.PutScheduleAsync(Schedule("s", Hourly), Bound);
        Command(server, "ZADD", Keys.Schedules, "1000", "s");
        await jobs.EnqueueAsync([Request("1") with { Delay = TimeSpan.FromMilliseconds(1) }], Bound);
        Command(server, "CONFIG", "SET", "maxmemory", "1");

        await Eventually.IsTrue(async () => (await jobs.MaintainAsync(Queue, Bound)) is { Promoted: 1, Fired: 0 });
        await FluentActions.Awaiting(() => jobs.PutScheduleAsync(Schedule("t", Hourly), Bound).AsTask()).Should().ThrowAsync<JobQueueFullException>();

        Command(server, "CONFIG", "SET", "maxmemory", "0");
        await Eventually.IsTrue(async () => (await jobs.MaintainAsync(Queue, Bound)).Fired == 1);
    }

    /// <summary>A minute passes between any two looks at it.</summary>
    private sealed class RacingTime : TimeProvider
    {
        private long _looks;

        public override long GetTimestamp() => base.GetTimestamp() + (Interlocked.Increment(ref _looks) * 60 * TimestampFrequency);
    }

    private static void Command(RedisServer server, params object[] command)
    {
        using var connection = Core.Redis.Resp.RespConnection.Connect(new RedisEndpoint(RedisFixture.Options(server)), TimeSpan.FromSeconds(5));
        connection.Call(TimeSpan.FromSeconds(5), command).Error.Should().BeNull();
    }

    private string Definition(string name) => Raw("HGET", Keys.ScheduleJobs, name).Text;

    private void Move(string name, DateTimeOffset to) =>
        Raw("ZADD", Keys.Schedules, to.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture), name);

    private JobRequest Request(string payload) =>
        new() { Queue = Queue, Type = "test.job", Payload = System.Text.Encoding.UTF8.GetBytes(payload) };

    private JobSchedule Schedule(string name, string cron) => new() { Name = name, Cron = cron, Job = Request("1") };
}
