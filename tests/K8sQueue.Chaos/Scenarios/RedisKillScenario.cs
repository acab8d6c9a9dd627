using K8sQueue.Chaos.Faults;
using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class RedisKillScenario(string name, ServerOptions server) : ChaosScenario
{
    public override string Name => name;

    public override ServerOptions Server => server;

    public override string Shows => server == ServerOptions.Always
        ? "redis-server with `appendfsync always` is killed with SIGKILL under load and started again after a second or two, several times. Nothing that was acknowledged is lost."
        : "The same with `appendfsync everysec`. What was written is the kernel's and outlives the process, so that nothing is lost here, as a rule; "
            + "but while a sync is under way Redis keeps what it acknowledges to itself, for 2 s at most, and a kill in just that moment may cost it. "
            + "This row allows that, and shows what was lost.";

    public override ChaosExpectation Expect(ChaosScale scale) => new();

    public override async Task RunAsync(ScenarioContext context)
    {
        await context.Fleet.StartAsync(4, context.Worker);
        var load = context.StartLoad(JobMix.Short, perSecond: 150);
        var kills = context.Scale.Of(5, quick: 2);
        for (var i = 0; i < kills; i++)
        {
            await context.WaitAsync(context.Between(1, 2.5));
            context.Redis.Kill();
            if (server != ServerOptions.Always)
                context.Forget(AofTail.AmnesiaOf(TimeSpan.FromSeconds(2)));
            await context.WaitAsync(context.Between(0.5, 2));
            await context.Redis.StartAsync();
        }

        await context.WaitAsync(TimeSpan.FromSeconds(2));
        await load.StopAsync();
        context.Note($"{kills} kills; {context.Producer.UnknownKeys.Count} jobs were in calls without an answer.");
    }
}
