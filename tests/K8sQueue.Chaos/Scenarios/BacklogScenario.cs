using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Load;
using K8sQueue.Chaos.Running;

namespace K8sQueue.Chaos.Scenarios;

internal sealed class BacklogScenario : ChaosScenario
{
    private const int Bytes = 20_000;

    public override string Name => "backlog";

    public override string Shows =>
        "A backlog of 100 MB (5,000 jobs of 20 KB) stands before the first worker starts; one worker is killed amid it. All is done, and the workers stay small.";

    public override ChaosExpectation Expect(ChaosScale scale) => new() { RecoveredWithin = TimeSpan.FromSeconds(10) };

    public override async Task RunAsync(ScenarioContext context)
    {
        var jobs = context.Scale.Of(5000, quick: 1000);
        var mix = JobMix.Short with { Padding = new string('x', Bytes) };
        for (var added = 0; added < jobs; added += 100)
        {
            var failure = await context.Producer.EnqueueAsync(100, mix.Batch(context.Random), context.CancellationToken);
            context.Require(failure is null, $"an enqueue failed: {failure?.Message}");
        }

        await context.Fleet.StartAsync(3, context.Worker);
        await context.WaitAsync(TimeSpan.FromSeconds(0.5));
        await context.Fleet.KillAsync(0);
        await context.WaitAsync(TimeSpan.FromSeconds(2));
        var peak = context.Fleet.PeakMib;
        context.Note($"{jobs * Bytes / 1_000_000:N0} MB; the largest worker had {peak:0} MiB.");
    }
}
