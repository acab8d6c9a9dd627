using K8sQueue.Chaos.Faults;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class ConnectionsResetScenario : ChaosScenario
{
    public override string Name => "connections-reset";

    public override string Shows =>
        "All connections of workers and producer are reset (RST) at once, again and again, in the middle of whatever they carry. A job whose "
        + "delivery was cut off is recovered; a call whose answer was cut off is told to the producer.";

    public override async Task RunAsync(ScenarioContext context)
    {
        var proxy = context.Own(new TcpProxy(context.Redis.Port));
        context.ProduceThrough(proxy.Address);
        await context.Fleet.StartAsync(4, context.Worker with { RedisAddress = proxy.Address });
        var load = context.StartLoad(JobMix.Short, perSecond: 300);
        var rounds = context.Scale.Of(100, quick: 40);
        var connections = 0;
        for (var i = 0; i < rounds; i++)
        {
            await context.WaitAsync(context.Between(0.02, 0.3));
            connections += proxy.Reset();
        }

        await context.WaitAsync(TimeSpan.FromSeconds(1));
        await load.StopAsync();
        context.Note($"{connections} connections were reset, {rounds} times; {context.Producer.UnknownKeys.Count} jobs were in calls without an answer.");
    }
}
