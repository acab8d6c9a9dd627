using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class SigtermStormScenario : ChaosScenario
{
    public override string Name => "sigterm-storm";

    public override string Shows =>
        "Many workers under load get SIGTERM, again and again, and are replaced; a drain has 1 s, and one job in thirty takes 3 s. "
        + "Every process exits 0, what it could not finish is handed back, nothing is recovered, no attempt is used up: starts = jobs + handed back.";

    public override ChaosScale At(ChaosScale scale) => scale.Patient();

    public override ChaosExpectation Expect(ChaosScale scale) => new() { NoRecovery = true };

    public override async Task RunAsync(ScenarioContext context)
    {
        var signals = context.Scale.Of(1000, quick: 24);
        await context.Fleet.StartAsync(context.Scale.Of(16, quick: 6), context.Worker with { Concurrency = 4, DrainSeconds = 1 });
        var mix = JobMix.Short with { LongShare = 1 / 30.0, LongMilliseconds = 3000 };
        var load = context.StartLoad(mix, perSecond: 60);
        var sent = 0;
        var random = Enumerable.Range(0, context.Fleet.Count).Select(_ => new Random(context.Random.Next())).ToArray();
        await Task.WhenAll(Enumerable.Range(0, context.Fleet.Count).Select(async slot =>
        {
            while (Interlocked.Increment(ref sent) <= signals)
            {
                await context.Fleet[slot].ReadyAsync();
                await context.WaitAsync(TimeSpan.FromSeconds(random[slot].NextDouble() * 0.5));
                await context.Fleet.DrainAsync(slot);
                context.Fleet.Replace(slot);
            }
        }));
        await Task.WhenAll(Enumerable.Range(0, context.Fleet.Count).Select(slot => context.Fleet[slot].ReadyAsync()));
        await load.StopAsync();
        context.Note($"{signals} SIGTERMs, and one more to each worker in the end.");
    }
}
