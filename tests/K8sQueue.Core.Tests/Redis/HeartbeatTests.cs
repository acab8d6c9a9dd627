using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Redis.Resp;
using K8sQueue.Testing;

namespace K8sQueue.Core.Tests.Redis;

/// <summary>Keeps the whole process's thread pool busy, so nothing else may run beside it.</summary>
[CollectionDefinition(nameof(StarvedThreadPool), DisableParallelization = true)]
public sealed class StarvedThreadPool;

[Collection(nameof(StarvedThreadPool))]
public sealed class HeartbeatTests
{
    private const int Renewals = 5;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Leases_are_renewed_while_every_thread_of_the_pool_is_blocked()
    {
        await using var server = await RedisServer.StartAsync();
        var options = RedisFixture.Options(server);
        options.Lease = TimeSpan.FromMinutes(1);
        await using var queue = new RedisJobQueue(options);
        await queue.EnqueueAsync([new JobRequest { Queue = "q", Type = "t" }], CancellationToken.None);
        await using var consumer = await queue.OpenConsumerAsync(
            new JobConsumerOptions { Queues = ["q"], Name = "c1" }, CancellationToken.None);
        var lease = (await consumer.FetchAsync(1, CancellationToken.None)).Single();
        using var release = new ManualResetEventSlim();
        using var blocked = new CountdownEvent(Math.Min(8, ThreadPool.ThreadCount));
        var renewals = 0;
        var watcher = new Thread(() =>
        {
            // 400 work items that block: the pool grows by one or two threads a second.
            for (var i = 0; i < 400; i++)
            {
                ThreadPool.QueueUserWorkItem(_ =>
                {
                    if (!blocked.IsSet)
                        blocked.Signal();
                    release.Wait(CancellationToken.None);
                });
            }

            blocked.Wait(CancellationToken.None);
            renewals = CountRenewals(options);
            release.Set();
        });
        watcher.Start();
        watcher.Join();

        renewals.Should().Be(Renewals);
        lease.Lost.IsCancellationRequested.Should().BeFalse();
        (await consumer.CompleteAsync([new JobCompletion(lease)], CancellationToken.None)).Should().Equal(LeaseOutcome.Done);
    }

    // The entry's idle time falls with each.
    private static int CountRenewals(RedisQueueOptions options)
    {
        using var connection = RespConnection.Connect(new RedisEndpoint(options), Patience);
        var (renewals, last) = (0, 0L);
        var started = TimeProvider.System.GetTimestamp();
        while (renewals < Renewals && TimeProvider.System.GetElapsedTime(started) < Patience)
        {
            var pending = connection.Call(Patience, "XPENDING", new RedisKeys("q").LaneKey(Lane.Normal), "workers", "-", "+", "1");
            var idle = pending.Items![0].Items![2].Integer;
            renewals += idle < last ? 1 : 0;
            last = idle;
        }

        return renewals;
    }
}
