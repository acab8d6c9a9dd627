using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;
using K8sQueue.Chaos.Workers;
using K8sQueue.Core.Queues;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class RedisFullScenario : ChaosScenario
{
    private const long Room = 8 * 1024 * 1024;

    public override string Name => "redis-full";

    public override string Shows =>
        "The server runs into `maxmemory` with noeviction. The producer gets `JobQueueFullException`, and nothing was added; jobs that fail are "
        + "still retried, all others still end, leases hold, and when there is room again the producer goes on.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { FirstAttemptsOnly = false, NoRecovery = true };

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(3, context.Worker);
        await using var inspector = await context.InspectAsync();
        await inspector.ConfigureAsync("maxmemory", FormattableString.Invariant($"{await inspector.UsedMemoryAsync() + Room}"));

        // Filled faster than it is worked off, and kept full for as long as a lease.
        var mix = JobMix.Short with { Type = JobTypes.Fail, Failures = 1, Milliseconds = (50, 150), Padding = new string('x', 10_000) };
        var (refused, full) = (0, TimeProvider.System.GetTimestamp());
        while (refused == 0 || TimeProvider.System.GetElapsedTime(full) < context.Scale.Lease)
        {
            switch (await context.Producer.EnqueueAsync(50, mix.Batch(context.Random), context.CancellationToken))
            {
                case null:
                    break;
                case JobQueueFullException:
                    full = refused++ == 0 ? TimeProvider.System.GetTimestamp() : full;
                    await context.WaitAsync(TimeSpan.FromMilliseconds(100));
                    break;
                case var other:
                    throw new InvalidOperationException("The producer got another answer than that the server is full.", other);
            }
        }

        await inspector.ConfigureAsync("maxmemory", "0");
        var after = await context.Producer.EnqueueAsync(50, mix.Batch(context.Random), context.CancellationToken);
        context.Require(after is null, $"with room again the producer got: {after?.Message}");
        context.Note($"{refused} calls with {context.Producer.RefusedKeys.Count} jobs were refused.");
    }
}
