using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Schedules;
using Xunit.Abstractions;

namespace K8sQueue.Core.Tests.Redis.Schedules;

/// <summary>
/// Many processes look after one queue, with clocks that are days apart; they stall, also between a decision and its call, end and begin. Each
/// due time is served as its policy says. K8SQUEUE_TEST_SEED repeats the choices of the run whose seed a failure printed.
/// </summary>
public sealed class ScheduleHistoryTests(RedisFixture redis, ITestOutputHelper output) : RedisTest(redis.Server), IClassFixture<RedisFixture>
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(800);

    [Fact]
    public async Task Each_due_time_is_served_as_its_policy_says()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("K8SQUEUE_TEST_SEED"), CultureInfo.InvariantCulture, out var given)
            ? given
            : Random.Shared.Next();
        output.WriteLine($"K8SQUEUE_TEST_SEED={seed}");
        foreach (var policy in Enum.GetValues<MisfirePolicy>())
            await Jobs.PutScheduleAsync(Schedule(policy), Bound);
        var first = (await Jobs.GetScheduleAsync(Queue, "FireAll", Bound))!.NextFireAt!.Value;

        var random = new Random(seed);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => RunProcessAsync(new Random(random.Next()), TimeSpan.FromSeconds(7))));
        await Jobs.MaintainAsync(Queue, Bound);

        var next = (await Jobs.GetScheduleAsync(Queue, "FireAll", Bound))!.NextFireAt!.Value;
        var starts = await StartsAsync();
        var because = $"of K8SQUEUE_TEST_SEED={seed}";
        starts["FireAll"].Select(s => s.At).Order().Should().Equal(
            Enumerable.Range(0, (int)(next - first).TotalSeconds).Select(i => first.AddSeconds(i)), because);
        starts["FireAll"].Count.Should().BeGreaterThan(5);
        starts["FireOnce"].Select(s => s.At).Should().OnlyHaveUniqueItems(because);
        starts["FireOnce"].Should().OnlyContain(s => s.EnqueuedAt - s.At < TimeSpan.FromSeconds(1), because + ": one start serves all that were missed");
        starts["FireOnce"].Should().NotBeEmpty();
        starts["Skip"].Select(s => s.At).Should().OnlyHaveUniqueItems(because);
        starts["Skip"].Should().OnlyContain(s => s.EnqueuedAt - s.At <= Grace, because);
        (await StatisticsAsync()).EnqueuedTotal.Should().Be(starts.Values.Sum(s => s.Count));
    }

    private async Task RunProcessAsync(Random random, TimeSpan span)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < span)
        {
            var options = RedisFixture.Options(Server);
            await using var process = new RedisJobQueue(options, new StallingTime(random, TimeSpan.FromDays((random.NextDouble() - 0.5) * 1000)));
            for (var turns = random.Next(1, 12); turns > 0 && TimeProvider.System.GetElapsedTime(started) < span; turns--)
            {
                await process.MaintainAsync(Queue, Bound);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(random.Next(5) == 0 ? 1500 : 150)), TimeProvider.System, Bound);
            }
        }
    }

    private async Task<Dictionary<string, List<(DateTimeOffset At, DateTimeOffset EnqueuedAt)>>> StartsAsync()
    {
        var starts = Enum.GetNames<MisfirePolicy>().ToDictionary(n => n, _ => new List<(DateTimeOffset, DateTimeOffset)>());
        var consumer = await OpenAsync("reader");
        while (await consumer.FetchAsync(100, Bound) is { Count: > 0 } leases)
        {
            foreach (var lease in leases)
            {
                var run = lease.Job.Traits!.ScheduledRun!;
                starts[run.Schedule].Add((run.At, lease.Job.EnqueuedAt));
            }
        }

        return starts;
    }

    private JobSchedule Schedule(MisfirePolicy policy) => new()
    {
        Name = policy.ToString(),
        Cron = "* * * * * ?",
        Misfire = policy,
        MisfireGrace = Grace,
        Job = new JobRequest { Queue = Queue, Type = "test.job" },
    };

    /// <summary>A clock that is wrong, and is asked between the decision of a firing and its call: there it stalls now and then.</summary>
    private sealed class StallingTime(Random random, TimeSpan skew) : TimeProvider
    {
        private static readonly ManualResetEventSlim Never = new();

        public override DateTimeOffset GetUtcNow()
        {
            int stall;
            lock (random)
                stall = random.Next(8) == 0 ? random.Next(1200) : 0;
            if (stall > 0)
                Never.Wait(stall, CancellationToken.None);
            return base.GetUtcNow() + skew;
        }
    }
}
