using System.Collections.Concurrent;
using K8sQueue.Core.Batches;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Handlers;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Execution;

public sealed class BatchCallbackTests
{
    [Fact]
    public async Task A_callback_sees_its_batch_and_what_became_of_its_jobs()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var broker = new RedisJobQueue(new RedisQueueOptions { Address = redis.Address, MaintenanceInterval = TimeSpan.FromMilliseconds(200) });
        var seen = new ConcurrentQueue<(BatchId? Batch, BatchStatus Status)>();
        await using var worker = await TestWorker.StartAsync(
            w => w
                .AddHandler("part", (context, _) =>
                {
                    context.MemberOf.Should().NotBeNull();
                    context.Batch.Should().BeNull();
                    if (context.Attempt == 1)
                        throw new RetryJobException("again");
                    context.SetResult("1"u8.ToArray());
                    return Task.CompletedTask;
                })
                .AddHandler("all", async (context, token) =>
                    seen.Enqueue((context.Batch, (await broker.GetBatchAsync(context.Batch!.Value, 0, 10, token))!))),
            o => o.Queues.Add("r"),
            new FaultyJobQueue(broker));
        var retry = new RetryPolicy { Delay = TimeSpan.Zero, Jitter = 0 };

        var batch = await broker.EnqueueBatchAsync(
            new BatchRequest
            {
                Jobs =
                [
                    new JobRequest { Queue = TestWorker.Queue, Type = "part", Tracked = true, Retry = retry },
                    new JobRequest { Queue = "r", Type = "part", Tracked = true, Retry = retry },
                ],
                OnSuccess = new JobRequest { Queue = TestWorker.Queue, Type = "all" },
            },
            CancellationToken.None);

        await Eventually.IsTrue(() => !seen.IsEmpty);
        seen.Should().ContainSingle();
        seen.TryPeek(out var callback);
        callback.Batch.Should().Be(batch.Id);
        callback.Status.Jobs.Should().OnlyContain(j => j.State == BatchJobState.Succeeded && j.Record!.Result!.Value.Length == 1);
    }
}
