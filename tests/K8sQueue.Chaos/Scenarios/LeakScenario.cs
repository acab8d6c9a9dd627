using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;
using K8sQueue.Chaos.Workers;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class LeakScenario : ChaosScenario
{
    private const int CeilingMiB = 256;

    // Longer than a worker takes to see that it is full, and to begin anew.
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(5);

    public override string Name => "leak";

    public override string Shows =>
        "Every job keeps 4 MiB for ever. Above its ceiling of 256 MiB a worker finishes what it holds and starts anew under its own process id: "
        + "no job is handed back or recovered, and SIGTERM still drains it.";

    public override ChaosScale At(ChaosScale scale) => scale.Patient();

    public override ChaosExpectation Expect(ChaosScale scale) => new() { NoSecondStart = true, NoRecovery = true };

    public override async Task RunAsync(ScenarioContext context)
    {
        // A worker runs for half a minute at least before its memory counts; in a quick run it is the number of its jobs.
        await context.Fleet.StartAsync(
            2, context.Worker with { RecycleAboveMiB = context.Scale.Of(CeilingMiB, quick: 0), RecycleAfterJobs = context.Scale.Of(0, quick: 20) });
        var load = context.StartLoad(JobMix.Short with { Type = JobTypes.Leak }, perSecond: context.Scale.Of(5, quick: 20));
        await Eventually.IsTrue(() => Openings(context) >= context.Fleet.Count * 2, TimeSpan.FromMinutes(2));
        await load.StopAsync();
        await WhenSettledAsync(context);
        context.Require(context.Fleet.Started == context.Fleet.Count, "a worker that was recycled has another process id");
        context.Note($"Every worker was recycled.");
    }

    // A process that has just begun anew ends by SIGTERM as it is, since it holds nothing yet. So the last ones that were full have their turn first.
    private static async Task WhenSettledAsync(ScenarioContext context)
    {
        var (seen, since) = (0, TimeProvider.System.GetTimestamp());
        await Eventually.IsTrue(
            () =>
            {
                if (Openings(context) is var now && now != seen)
                    (seen, since) = (now, TimeProvider.System.GetTimestamp());
                return TimeProvider.System.GetElapsedTime(since) > Settled;
            },
            TimeSpan.FromMinutes(2));
    }

    private static int Openings(ScenarioContext context) =>
        HistoryFile.ReadAll(context.Folder).Count(record => record.Kind == HistoryKind.Opened);
}
