using System.Collections.Concurrent;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Queues;
using K8sQueue.Core.Redis;
using K8sQueue.Core.Schedules;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class ScheduledJobTests
{
    [Fact]
    public async Task A_worker_fires_its_queues_schedules_and_each_attempt_sees_the_same_due_time()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var broker = new RedisJobQueue(new RedisQueueOptions { Address = redis.Address, MaintenanceInterval = TimeSpan.FromMilliseconds(200) });
        var seen = new ConcurrentQueue<(int Attempt, string? Schedule, DateTimeOffset? Due)>();
        await using var worker = await TestWorker.StartAsync(
            w => w.AddHandler("tick", (context, _) =>
            {
                seen.Enqueue((context.Attempt, context.Schedule, context.ScheduledFor));
                return context.Attempt == 1 ? throw new RetryJobException("again") : Task.CompletedTask;
            }),
            queue: new FaultyJobQueue(broker));

        await worker.Broker.PutScheduleAsync(
            new JobSchedule
            {
                Name = "ticks",
                Cron = "* * * * * ?",
                Overlap = ScheduleOverlap.Skip,
                Job = new JobRequest { Queue = TestWorker.Queue, Type = "tick", Retry = new RetryPolicy { Delay = TimeSpan.Zero, Jitter = 0 } },
            },
            CancellationToken.None);

        await Eventually.IsTrue(() => seen.Count >= 4);
        var starts = seen.Take(4).ToList();
        starts.Should().OnlyContain(s => s.Schedule == "ticks");
        starts.Select(s => s.Attempt).Should().Equal(1, 2, 1, 2);
        starts[1].Due.Should().Be(starts[0].Due);
        starts[3].Due.Should().Be(starts[2].Due).And.BeAfter(starts[0].Due!.Value);
        await Eventually.IsTrue(async () => (await worker.StatisticsAsync()).CompletedTotal >= 2);
    }
}
