using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Durability fsync over servers of each kind. With a server of Redis 7.2 or later in place of 7.0 the same tests go by WAITAOF.</summary>
public sealed class RedisDurabilityTests
{
    private readonly CancellationToken _bound = new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    [Theory]
    [InlineData("always", 1)]
    [InlineData("always", 200)]
    [InlineData("everysec", 1)]
    [InlineData("everysec", 200)]
    public async Task An_enqueue_answers_when_its_jobs_are_on_the_disk_or_the_server_is_refused(string appendFsync, int jobs)
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", appendFsync);
        await using var queue = Queue(server);
        var enqueue = () => queue.EnqueueAsync([.. Enumerable.Repeat(new JobRequest { Queue = "q", Type = "t" }, jobs)], _bound).AsTask();
        var waits = await HasWaitAofAsync(server);
        if (appendFsync == "everysec" && !waits)
        {
            await enqueue.Should().ThrowAsync<JobQueueConfigurationException>().WithMessage("*appendfsync always*has everysec*");
            (await queue.GetStatisticsAsync("q", _bound)).EnqueuedTotal.Should().Be(0, "nothing was added that is not promised");
            return;
        }

        await Task.WhenAll(enqueue(), enqueue());

        (await queue.GetStatisticsAsync("q", _bound)).EnqueuedTotal.Should().Be(2 * jobs);
        if (appendFsync == "everysec")
            (await InfoAsync(server, "commandstats")).Should().Contain("cmdstat_waitaof");
    }

    [Fact]
    public async Task A_server_without_a_file_is_refused_and_nothing_is_added()
    {
        await using var server = await RedisServer.StartAsync();
        await using var queue = Queue(server);
        await FluentActions.Awaiting(() => queue.EnqueueAsync([new JobRequest { Queue = "q", Type = "t" }], _bound).AsTask())
            .Should().ThrowAsync<JobQueueConfigurationException>().WithMessage("*set appendonly yes*");
        (await queue.GetStatisticsAsync("q", _bound)).EnqueuedTotal.Should().Be(0);
    }

    [Fact]
    public async Task A_worker_enqueues_with_the_same_promise()
    {
        await using var server = await RedisServer.StartAsync("--appendonly", "yes", "--appendfsync", "no");
        await using var queue = Queue(server);
        await using var consumer = await queue.OpenConsumerAsync(new JobConsumerOptions { Queues = ["q"], Name = "w" }, _bound);

        await FluentActions.Awaiting(() => queue.EnqueueAsync([new JobRequest { Queue = "q", Type = "t" }], _bound).AsTask())
            .Should().ThrowAsync<JobQueueConfigurationException>().WithMessage("*appendfsync*");
    }

    private static RedisJobQueue Queue(RedisServer server)
    {
        var options = RedisFixture.Options(server);
        options.Durability = JobDurability.Fsync;
        return new RedisJobQueue(options);
    }

    private static async Task<bool> HasWaitAofAsync(RedisServer server) =>
        !(await InfoAsync(server, "server")).Contains("redis_version:7.0", StringComparison.Ordinal);

    private static async Task<string> InfoAsync(RedisServer server, string section)
    {
        using var connection = await Task.Run(() =>
            Core.Redis.Resp.RespConnection.Connect(new RedisEndpoint(RedisFixture.Options(server)), TimeSpan.FromSeconds(5)));
        return connection.Call(TimeSpan.FromSeconds(5), "INFO", section).Text;
    }
}
