using System.Diagnostics;
using K8sQueue.Chaos.Histories;
using K8sQueue.Chaos.Report;
using K8sQueue.Chaos.Scenarios;

namespace K8sQueue.Chaos.Running;

/// <summary>One scenario on a Redis of its own, from its start to its row.</summary>
internal sealed class ScenarioRun(ChaosScenario scenario, ChaosScale scale, RunOptions options, CancellationToken cancellationToken)
{
    // Twice what the longest takes on two processors that are quiet.
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(16);

    private readonly ChaosScale _scale = scenario.At(scale);

    public async Task<ChaosRow> RunAsync()
    {
        var folder = Path.Combine(options.Output.FullName, "chaos", scenario.Name);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        var watch = Stopwatch.StartNew();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bound.CancelAfter(Bound);
        await using var context = await ScenarioContext.StartAsync(_scale, options.Seed, folder, scenario.Server, bound.Token);
        var verdict = await VerdictAsync(context, scenario.Expect(_scale));
        var row = new ChaosRow
        {
            Name = scenario.Name,
            Shows = scenario.Shows,
            Figures = verdict?.Figures,
            Notes = context.Notes,
            Violations = [.. context.Violations, .. context.Fleet.Faults, .. verdict?.Violations ?? []],
            Seconds = watch.Elapsed.TotalSeconds,
            Folder = folder,
        };
        if (row.Holds)
            Directory.Delete(folder, recursive: true);
        return row;
    }

    // A scenario that throws is a broken row, and the next one has its turn.
    private async Task<ChaosVerdict?> VerdictAsync(ScenarioContext context, ChaosExpectation expectation)
    {
        try
        {
            await scenario.RunAsync(context);
            return HistoryChecker.Check(await new EvidenceCollector(context).CollectAsync(), expectation);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            var late = context.CancellationToken.IsCancellationRequested ? $"it took more than {Bound.TotalMinutes:0} minutes: " : "";
            context.Require(false, late + e);
            return null;
        }
    }
}
