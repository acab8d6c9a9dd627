using K8sQueue.Chaos.Faults;
using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;
using K8sQueue.Chaos.Workers;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class PartitionScenario : ChaosScenario
{
    public override string Name => "partition";

    public override string Shows =>
        "One worker of four is cut off from Redis for longer than its lease: its connections stay open, and nothing comes through. The others start "
        + "its jobs again. When the network is back, what it sent arrives late, and the broker refuses it.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { RecoveredWithin = TimeSpan.FromSeconds(10) };

    public override async Task RunAsync(ScenarioContext context)
    {
        var proxy = context.Own(new TcpProxy(context.Redis.Port));
        await context.Fleet.StartAsync(1, context.Worker with { RedisAddress = proxy.Address });
        await context.Fleet.StartAsync(3, context.Worker);
        var load = context.StartLoad(JobMix.Short with { Type = JobTypes.Deaf, Milliseconds = (200, 800) }, perSecond: 50);
        var rounds = context.Scale.Of(2, quick: 1);
        for (var round = 0; round < rounds; round++)
        {
            await context.WaitAsync(context.Between(1, 2));
            proxy.Partition();
            context.Fleet.Lost(new ProcessLoss(context.Fleet[0].Name, Clock.Now));
            await context.WaitAsync(context.Scale.Lease * 1.6);
            proxy.Heal();
            await context.WaitAsync(TimeSpan.FromSeconds(3));
        }

        await load.StopAsync();
        context.Note($"Cut off for {context.Scale.Lease.TotalSeconds * 1.6:0.0} s, {rounds} times.");
    }
}
