using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class KillScenario : ChaosScenario
{
    public override string Name => "kill-9";

    public override string Shows =>
        "Workers under load are killed with SIGKILL at random, one after the other, and replaced. Their jobs start again within 10 s, but those that two of them had, which are tried one at a time; no attempt is used up.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { RecoveredWithin = TimeSpan.FromSeconds(10), SuspectsWait = true, MayPoison = true };

    public override async Task RunAsync(ScenarioContext context)
    {
        var kills = context.Scale.Of(30, quick: 4);
        await context.Fleet.StartAsync(5, context.Worker);
        var load = context.StartLoad(JobMix.Short with { LongShare = 1 / 10.0, LongMilliseconds = 200 }, perSecond: 200);
        for (var i = 0; i < kills; i++)
        {
            await context.WaitAsync(context.Between(0.3, 1.5));
            var slot = context.Random.Next(context.Fleet.Count);
            await context.Fleet[slot].AtWorkAsync();
            await context.Fleet.KillAsync(slot);
        }

        await load.StopAsync();
        context.Note($"{kills} kills.");
    }
}
