using System.Globalization;
using K8sQueue.Core.InMemory;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Resp;
using K8sQueue.Core.Tests.Redis;
using K8sQueue.Testing;
using Xunit.Abstractions;

namespace K8sQueue.Core.Tests.Histories;

/// <summary>Random histories of batches. K8SQUEUE_TEST_SEED repeats the one whose seed a failure printed.</summary>
public sealed class BatchHistoryTests(RedisFixture redis, ITestOutputHelper output) : IClassFixture<RedisFixture>
{
    private static readonly int? GivenSeed =
        int.TryParse(Environment.GetEnvironmentVariable("K8SQUEUE_TEST_SEED"), CultureInfo.InvariantCulture, out var seed) ? seed : null;

    [Fact]
    public async Task In_memory_each_callback_comes_once_and_never_early()
    {
        for (var i = 0; i < (GivenSeed is null ? 60 : 1); i++)
        {
            var seed = GivenSeed ?? Random.Shared.Next();
            output.WriteLine($"K8SQUEUE_TEST_SEED={seed}");
            var time = new ShiftedTime();
            var options = new InMemoryQueueOptions { IdleWait = TimeSpan.Zero };
            await using var jobs = new InMemoryJobQueue(options, time);
            string[] queues = ["a", "b"];
            await new BatchHistory(
                jobs,
                queues,
                seed,
                async () =>
                {
                    time.Shift += options.Lease;
                    foreach (var queue in queues)
                        await jobs.MaintainAsync(queue, CancellationToken.None);
                },
                _ => Task.CompletedTask).RunAsync(steps: 250);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task On_Redis_each_callback_comes_once_and_never_early_and_nothing_is_left_behind(int number)
    {
        var seed = GivenSeed ?? Random.Shared.Next();
        output.WriteLine($"K8SQUEUE_TEST_SEED={seed}");
        string[] queues = [$"batch-{number}a", $"batch-{number}b"];
        var options = RedisFixture.Options(redis.Server);
        options.IdleWait = TimeSpan.FromMilliseconds(2);
        options.Lease = TimeSpan.FromMilliseconds(600);
        options.HeartbeatInterval = TimeSpan.FromMilliseconds(100);
        options.MaintenanceInterval = TimeSpan.FromMilliseconds(130);
        await using var jobs = new RedisJobQueue(options);
        using var relay = new StalledRelay(options, queues);

        await new BatchHistory(jobs, queues, seed, () => PassLeaseAsync(jobs, queues, options), relay.StepAsync).RunAsync(steps: 300);

        ShouldBeClean(queues, options);
    }

    private static async Task PassLeaseAsync(RedisJobQueue jobs, string[] queues, RedisQueueOptions options)
    {
        var started = TimeProvider.System.GetTimestamp();
        await Eventually.IsTrue(async () =>
        {
            foreach (var queue in queues)
                await jobs.MaintainAsync(queue, CancellationToken.None);
            return TimeProvider.System.GetElapsedTime(started) > options.Lease * 2;
        });
    }

    private static void ShouldBeClean(string[] queues, RedisQueueOptions options)
    {
        using var connection = RespConnection.Connect(new RedisEndpoint(options), TimeSpan.FromSeconds(5));
        var call = (object[] command) => connection.Call(TimeSpan.FromSeconds(5), command);
        foreach (var keys in queues.Select(q => new RedisKeys(q)))
        {
            call(["EXISTS", keys.Outbox]).Integer.Should().Be(0, "all was told");
            foreach (var key in call(["KEYS", keys.BatchPrefix + "*"]).Items!.Select(k => k.Text))
            {
                key.Should().NotEndWith(":open");
                call(["PTTL", key]).Integer.Should().BeInRange(1, 604_800_000, "of {0}: the records of batches that have ended expire", key);
            }
        }
    }

    /// <summary>
    /// Processes that stall between reading the outbox, telling it and removing it: what they read is told again later, in another order, or removed
    /// when it was told long ago.
    /// </summary>
    private sealed class StalledRelay(RedisQueueOptions options, string[] queues) : IDisposable
    {
        private readonly RespConnection _connection = RespConnection.Connect(new RedisEndpoint(options), TimeSpan.FromSeconds(5));
        private readonly List<(string Queue, string Ulid, string Word)> _read = [];

        public Task StepAsync(Random random)
        {
            var queue = queues[random.Next(queues.Length)];
            var pairs = Call("HGETALL", new RedisKeys(queue).Outbox).Items!;
            if (random.Next(3) == 0)
            {
                for (var i = 0; i < pairs.Length; i += 2)
                    _read.Add((queue, pairs[i].Text, pairs[i + 1].Text));
            }

            if (_read.Count == 0 || random.Next(3) > 0)
                return Task.CompletedTask;
            var (from, ulid, word) = _read[random.Next(_read.Count)];
            var parts = word.Split(';');
            var (home, batch) = (parts[0][..^27], parts[0][^26..]);
            Run(RedisScript.TellBatches, home, RedisServices.LayoutVersion, batch, $"{from}.{ulid}", parts[1]);
            if (random.Next(2) == 0)
                Run(RedisScript.Told, from, ulid, word);
            return Task.CompletedTask;
        }

        public void Dispose() => _connection.Dispose();

        private void Run(RedisScript script, string queue, params object[] arguments)
        {
            var handle = new QueueHandle(queue);
            Call(["EVAL", script.Text, $"{handle.KeyNames.Length}", .. handle.KeyNames, .. arguments]).Error.Should().BeNull();
        }

        private RespValue Call(params object[] command) => _connection.Call(TimeSpan.FromSeconds(5), command);
    }

    private sealed class ShiftedTime : TimeProvider
    {
        public TimeSpan Shift { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Shift;
    }
}
