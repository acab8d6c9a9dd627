using System.Globalization;
using K8sQueue.Core.Jobs;
using K8sQueue.Core.Redis;
using K8sQueue.Worker.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace K8sQueue.Worker.Tests.Processes;

/// <summary>What a worker of many large jobs takes of memory, by the kernel's word.</summary>
[Collection(ProcessesCollection.Name)]
public sealed class PayloadMemoryTests
{
    private const int Jobs = 400;
    private const int PayloadBytes = JobLimits.MaxPayloadBytes;
    private const int MostMiB = 200;

    [Fact]
    public async Task Four_hundred_jobs_of_1_mib_at_once_take_less_than_200_mib_beyond_an_idle_worker()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var queue = new RedisJobQueue(new RedisQueueOptions { Address = redis.Address });
        long received = 0;
        await using var target = await BodySink.StartAsync(bytes => Interlocked.Add(ref received, bytes));
        await using var worker = WorkerProcess.Start(
            ("K8SQUEUE_QUEUES", "large"),
            ("K8SQUEUE_CONCURRENCY", $"{Jobs}"),
            ("K8SQUEUE_HANDLERS", $$"""{"*": {"http": {"url": "{{target.Url}}"} } }"""),
            ("K8SQUEUE_REDIS_ADDRESS", redis.Address));
        await worker.ReadyAsync();
        (await worker.StatusAsync("healthz")).Should().Be(StatusCodes.Status200OK);
        var idle = PeakMiB(worker);

        await EnqueueAsync(queue);

        await Eventually.IsTrue(
            async () => (await queue.GetStatisticsAsync("large", CancellationToken.None)).CompletedTotal == Jobs, TimeSpan.FromSeconds(60));
        Interlocked.Read(ref received).Should().Be((long)Jobs * PayloadBytes);
        (PeakMiB(worker) - idle).Should().BeLessThan(MostMiB);
    }

    private static async Task EnqueueAsync(RedisJobQueue queue)
    {
        var payload = new byte[PayloadBytes];
        Array.Fill(payload, (byte)'7');
        for (var i = 0; i < Jobs; i += 8)
        {
            await queue.EnqueueAsync(
                [.. Enumerable.Repeat(new JobRequest { Queue = "large", Type = "t", Payload = payload }, 8)], CancellationToken.None);
        }
    }

    private static double PeakMiB(WorkerProcess worker)
    {
        var line = File.ReadLines($"/proc/{worker.Id}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024.0;
    }
}
