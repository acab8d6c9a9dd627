using K8sQueue.Core.Jobs;
using K8sQueue.Worker.Tests.Support;

namespace K8sQueue.Worker.Tests.Capacity;

/// <summary>What a whole worker reports, at its end at the latest.</summary>
public sealed class WorkerCapacityTests
{
    [Fact]
    public async Task A_worker_reports_at_its_end_what_its_jobs_took()
    {
        await using var worker = await TestWorker.StartAsync(
            w => w
                .AddHandler("slow", async (_, token) => await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, token))
                .AddHandler("bad", (_, _) => throw new InvalidOperationException("no")),
            o => o.Concurrency = 2);
        foreach (var id in await worker.EnqueueAsync(6, "slow"))
            await worker.EndOfAsync(id);
        await worker.EndOfAsync(await worker.EnqueueAsync("bad", retry: new RetryPolicy { MaxAttempts = 2, Delay = TimeSpan.Zero }));
        await worker.StopAsync();

        var load = (await worker.Broker.Inner.Load.ReadAsync(TestWorker.Queue, CancellationToken.None)).Entries.Should().ContainSingle().Which.Load;

        load.Durations.Count.Should().Be(8, "six jobs, and two attempts of one");
        load.Waits.Count.Should().Be(8);
        load.Durations.Sum.Should().BeGreaterThan(TimeSpan.FromMilliseconds(590));
        load.Busy.Should().BeGreaterThanOrEqualTo(load.Durations.Sum - TimeSpan.FromMilliseconds(10)).And.Be(load.Occupied);
        load.Slots.Should().Be(load.Elapsed * 2);
        load.Busy.Should().BeLessThan(load.Slots);
    }

    [Fact]
    public async Task A_broker_that_is_down_does_not_keep_a_worker_from_its_end()
    {
        await using var worker = await TestWorker.StartAsync(w => w.AddHandler("t", (_, _) => Task.CompletedTask));
        await worker.EndOfAsync(await worker.EnqueueAsync("t"));
        worker.Broker.IsDown = true;

        await worker.StopAsync().WaitAsync(TimeSpan.FromSeconds(10));

        (await worker.Broker.Inner.Load.ReadAsync(TestWorker.Queue, CancellationToken.None)).Entries.Should().BeEmpty();
    }
}
