using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;
using K8sQueue.Chaos.Workers;
using K8sQueue.Core.Jobs;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class CrashJobScenario : ChaosScenario
{
    private const int Crashing = 2;

    public override string Name => "crash-job";

    public override string Shows =>
        "Two jobs kill the process that runs them, each time. After three crashes each is a dead letter (`Poison`); the jobs beside them are done.";

    public override ChaosExpectation Expect(ChaosScale scale) => new()
    {
        DeadLetters = new Dictionary<string, int> { [DeadLetterReasons.Poison] = Crashing },
        RecoveredWithin = TimeSpan.FromSeconds(10),
        SuspectsWait = true,
    };

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(3, context.Worker);
        var load = context.StartLoad(JobMix.Short with { Milliseconds = (20, 600) }, perSecond: 60);
        await context.WaitAsync(TimeSpan.FromSeconds(1));
        for (var i = 0; i < Crashing; i++)
            await context.Producer.EnqueueAsync(1, (JobMix.Short with { Type = JobTypes.Crash }).Batch(context.Random), context.CancellationToken);

        var crashes = 0;
        await Eventually.IsTrue(
            async () =>
            {
                crashes += context.Fleet.ReplaceEnded();
                return (await context.Jobs.GetStatisticsAsync(ScenarioContext.Queue, context.CancellationToken)).DeadLetters >= Crashing;
            },
            context.Scale.Lease * 12);
        await load.StopAsync();
        context.Note($"{crashes} processes were taken along.");
    }
}
