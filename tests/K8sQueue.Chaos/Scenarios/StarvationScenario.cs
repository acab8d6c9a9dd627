using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;
using K8sQueue.Chaos.Workers;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class StarvationScenario : ChaosScenario
{
    public override string Name => "starvation";

    public override string Shows =>
        "Handlers block every thread of the pool for longer than a lease. The heartbeat has a thread of its own: no lease is lost, and no job starts twice.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { NoSecondStart = true, NoRecovery = true };

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(2, context.Worker with { Concurrency = 30, DrainSeconds = 30 });
        var blocked = (int)(context.Scale.Lease.TotalMilliseconds * 1.5);
        var mix = JobMix.Short with { Type = JobTypes.Block, Milliseconds = (blocked, blocked) };
        await context.Producer.EnqueueAsync(60, mix.Batch(context.Random), context.CancellationToken);
        await context.Producer.EnqueueAsync(200, JobMix.Short.Batch(context.Random), context.CancellationToken);
        await context.WaitAsync(context.Scale.Lease * 2);
        context.Note($"60 jobs blocked a thread for {blocked / 1000.0:0.0} s each, of 2 workers on {Environment.ProcessorCount} processors.");
    }
}
