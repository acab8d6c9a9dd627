using System.Globalization;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Tests.Redis;
using Xunit.Abstractions;

namespace K8sQueue.Core.Tests.Histories;

/// <summary>Random histories. K8SQUEUE_TEST_SEED repeats the one whose seed a failure printed.</summary>
public sealed class QueueHistoryTests(RedisFixture redis, ITestOutputHelper output) : IClassFixture<RedisFixture>
{
    private static readonly int? GivenSeed =
        int.TryParse(Environment.GetEnvironmentVariable("K8SQUEUE_TEST_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : null;

    [Fact]
    public async Task In_memory_histories_keep_every_promise()
    {
        for (var i = 0; i < (GivenSeed is null ? 100 : 1); i++)
        {
            var seed = GivenSeed ?? Random.Shared.Next();
            output.WriteLine($"K8SQUEUE_TEST_SEED={seed}");
            var time = new ShiftedTime();
            var options = new InMemoryQueueOptions { IdleWait = TimeSpan.Zero };
            await using var jobs = new InMemoryJobQueue(options, time);
            var history = new QueueHistory(
                jobs,
                "history",
                seed,
                () =>
                {
                    time.Shift += options.Lease;
                    return jobs.MaintainAsync("history", CancellationToken.None).AsTask();
                },
                exact: true);

            await history.RunAsync(steps: 300);
        }
    }

    [Theory]
    [InlineData(1, 50)]
    [InlineData(2, 50)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 1)]
    public async Task Redis_histories_keep_every_promise(int number, int leastDirectJobs)
    {
        var seed = GivenSeed ?? Random.Shared.Next();
        output.WriteLine($"K8SQUEUE_TEST_SEED={seed}");
        var queue = $"history-{number}";
        var options = RedisFixture.Options(redis.Server);
        options.IdleWait = TimeSpan.FromMilliseconds(2);
        options.LeastDirectJobs = leastDirectJobs;
        options.Lease = TimeSpan.FromMilliseconds(600);
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
        options.MaintenanceInterval = TimeSpan.FromMilliseconds(130);
        await using var jobs = new RedisJobQueue(options);
        var history = new QueueHistory(jobs, queue, seed, () => PassLeaseAsync(jobs, queue, options), exact: false);

        await history.RunAsync(steps: 400);

        ShouldBeEmpty(new RedisKeys(queue), options);
    }

    private static async Task PassLeaseAsync(RedisJobQueue jobs, string queue, RedisQueueOptions options)
    {
        var started = TimeProvider.System.GetTimestamp();
        await K8sQueue.Testing.Eventually.IsTrue(async () =>
        {
            await jobs.MaintainAsync(queue, CancellationToken.None);
            return TimeProvider.System.GetElapsedTime(started) > options.Lease * 2;
        });
    }

    private static void ShouldBeEmpty(RedisKeys keys, RedisQueueOptions options)
    {
        using var connection = Core.Redis.Resp.RespConnection.Connect(new RedisEndpoint(options), TimeSpan.FromSeconds(5));
        var call = (object[] command) => connection.Call(TimeSpan.FromSeconds(5), command);
        foreach (var lane in keys.Lanes)
        {
            call(["XLEN", lane]).Integer.Should().Be(0);
            call(["XPENDING", lane, RedisKeys.Group]).Items![0].Integer.Should().Be(0);
        }

        var left = call(["KEYS", keys.Base + "*"]).Items!.Select(k => k.Text);
        left.Where(k => !k.StartsWith(keys.JobPrefix, StringComparison.Ordinal)).Should().BeSubsetOf(
            [.. keys.Lanes, keys.Version, keys.Statistics, keys.Reaper, keys.Dead, keys.DeadJobs, keys.Consumers, keys.Events]);
        foreach (var record in call(["KEYS", keys.JobPrefix + "*"]).Items!)
            call(["PTTL", record.Text]).Integer.Should().NotBe(-1, "the records of ended jobs expire");
    }

    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
