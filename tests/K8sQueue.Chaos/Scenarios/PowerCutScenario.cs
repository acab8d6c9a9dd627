using K8sQueue.Chaos.Faults;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class PowerCutScenario : ChaosScenario
{
    private static readonly TimeSpan Unsynced = TimeSpan.FromSeconds(1);

    public override string Name => "power-cut-everysec";

    public override ServerOptions Server => ServerOptions.EverySecond;

    public override string Shows =>
        "A power cut, simulated: redis-server with `appendfsync everysec` is killed, and the last second is cut off its append-only file. What was "
        + "acknowledged in that second may be lost (a sync that takes longer makes it two); jobs that were completed in it run again, and are completed "
        + "again. Everything else holds.";

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(4, context.Worker);
        var mix = JobMix.Short with { Milliseconds = (200, 300) };
        var load = context.StartLoad(mix, perSecond: 150);
        var cuts = context.Scale.Of(3, quick: 1);
        var bytes = 0L;
        await using (var aof = new AofTail(context.Redis))
        {
            for (var i = 0; i < cuts; i++)
            {
                // A backlog, so that the youngest jobs are not done before they are forgotten.
                await context.Producer.EnqueueAsync(500, mix.Batch(context.Random), context.CancellationToken);
                await context.WaitAsync(context.Between(1.5, 2.5));
                context.Redis.Kill();
                var (amnesia, cut) = aof.Cut(Unsynced);
                context.Forget(amnesia);
                bytes += cut;
                await context.WaitAsync(context.Between(0.5, 1));
                await context.Redis.StartAsync();
            }
        }

        await context.WaitAsync(TimeSpan.FromSeconds(2));
        await load.StopAsync();
        context.Require(bytes > 0, "nothing was cut off");
        context.Note($"{cuts} cuts of {bytes / cuts / 1024:N0} KiB each; {context.Producer.UnknownKeys.Count} jobs were in calls without an answer.");
    }
}
