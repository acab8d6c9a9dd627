using System.Globalization;
using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class ManyQueuesScenario : ChaosScenario
{
    public override string Name => "queues";

    public override string Shows =>
        "1,000 queues, of which each of four workers reads 250. Three workers are killed; the jobs of every queue are done, and no queue leaves anything behind.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { RecoveredWithin = TimeSpan.FromSeconds(10) };

    public override async Task RunAsync(ScenarioContext context)
    {
        var queues = context.Scale.Of(1000, quick: 200);
        context.Queues = [.. Enumerable.Range(0, queues).Select(i => i.ToString("'q'0000", CultureInfo.InvariantCulture))];
        foreach (var part in context.Queues.Chunk(queues / 4))
            await context.Fleet.StartAsync(1, context.Worker with { Queues = part });
        var load = context.StartLoad(JobMix.Short with { Queues = context.Queues, Milliseconds = (50, 300) }, perSecond: 100);
        await context.WaitAsync(context.Scale.Seconds(8, quick: 2));
        for (var slot = 0; slot < 3; slot++)
        {
            await context.Fleet.KillAsync(slot);
            await context.WaitAsync(context.Between(0.5, 1.5));
        }

        await load.StopAsync();
        context.Note($"{queues:N0} queues.");
    }
}
