using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class RedisPausedScenario : ChaosScenario
{
    public override string Name => "redis-paused";

    public override string Shows =>
        "redis-server stands still (SIGSTOP), for less than a lease and for more. Connections stay open, and nobody answers. Nothing is recovered "
        + "that has an owner: no handler begins a second time.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { NoSecondStart = true };

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(4, context.Worker);
        var load = context.StartLoad(JobMix.Short with { Milliseconds = (20, 400) }, perSecond: 80);
        foreach (var leases in (double[])[0.4, 1.6])
        {
            await context.WaitAsync(context.Between(2, 3));
            await context.Redis.FreezeAsync();
            await context.WaitAsync(context.Scale.Lease * leases);
            await context.Redis.ThawAsync();
        }

        await context.WaitAsync(TimeSpan.FromSeconds(3));
        await load.StopAsync();
        context.Note($"Pauses of {context.Scale.Lease.TotalSeconds * 0.4:0.0} s and {context.Scale.Lease.TotalSeconds * 1.6:0.0} s.");
    }
}
