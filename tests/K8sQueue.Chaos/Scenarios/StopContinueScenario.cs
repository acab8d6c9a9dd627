using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;
using K8sQueue.Chaos.Workers;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class StopContinueScenario : ChaosScenario
{
    public override string Name => "stop-cont";

    public override string Shows =>
        "A worker is stopped with SIGSTOP for longer than its lease, and goes on with SIGCONT. Others have started its jobs by then, with higher "
        + "fencing tokens, and the broker refuses what it says of them.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { RecoveredWithin = TimeSpan.FromSeconds(10) };

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(3, context.Worker);

        // Handlers that hear nothing end well in the stopped process, and their completions are refused.
        var load = context.StartLoad(JobMix.Short with { Type = JobTypes.Deaf, Milliseconds = (200, 800) }, perSecond: 40);
        var rounds = context.Scale.Of(2, quick: 1);
        for (var round = 0; round < rounds; round++)
        {
            var victim = context.Fleet[context.Random.Next(context.Fleet.Count)];
            await context.WaitAsync(context.Between(0.5, 1.5));
            context.Fleet.Lost(await victim.FreezeAsync());
            await context.WaitAsync(context.Scale.Lease * 1.5);
            await victim.ThawAsync();
            await context.WaitAsync(TimeSpan.FromSeconds(2));
        }

        await load.StopAsync();
        var refused = HistoryFile.ReadAll(context.Folder).Count(record => record.Kind == HistoryKind.Refused);
        context.Require(refused > 0, "the stopped workers had no outcome to be refused");
        context.Note($"{rounds} workers stopped; {refused} of their outcomes were refused.");
    }
}
