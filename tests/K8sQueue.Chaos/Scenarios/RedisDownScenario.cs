using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class RedisDownScenario : ChaosScenario
{
    public override string Name => "redis-down";

    public override ServerOptions Server => ServerOptions.Always;

    public override string Shows =>
        "redis-server is killed and stays down for two leases. Workers finish what they have and say so when it is back; no handler begins a second time.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { NoSecondStart = true };

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(4, context.Worker);
        var load = context.StartLoad(JobMix.Short with { Milliseconds = (20, 400) }, perSecond: 80);
        await context.WaitAsync(context.Between(3, 4));
        context.Redis.Kill();
        await context.WaitAsync(context.Scale.Lease * 2);
        await context.Redis.StartAsync();
        await context.WaitAsync(TimeSpan.FromSeconds(3));
        await load.StopAsync();
        context.Note($"Down for {context.Scale.Lease.TotalSeconds * 2:0} s.");
    }
}
