using System.CommandLine;
using K8sQueue.Chaos.Scenarios;

namespace K8sQueue.Chaos.Running;

/// <summary><c>run</c>: the scenarios, one after the other.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var quick = new Option<bool>("--quick") { Description = "Fewer faults and, for most, a lease of 3 s: about 4 minutes in place of 12 to 16." };
        var scenario = new Option<string[]>("--scenario")
        {
            Description = "Run these only.",
            AllowMultipleArgumentsPerToken = true,
        };
        scenario.AcceptOnlyFromAmong([.. ChaosScenarios.All.Select(s => s.Name)]);
        var seed = new Option<int?>("--seed") { Description = "Repeats the faults of a run that printed it." };
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "Where chaos.json is written, and the histories of what failed.",
            DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(RepositoryFolder.Root, "artifacts")),
        };
        var evidence = new Option<FileInfo>("--evidence")
        {
            Description = "The document that a whole run writes.",
            DefaultValueFactory = _ => new FileInfo(Path.Combine(RepositoryFolder.Root, "docs", "evidence.md")),
        };
        var command = new Command("run", "Breaks things, and checks what became of the jobs. Ends with 1 where a promise was broken.")
        {
            quick, scenario, seed, output, evidence,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new RunOptions
            {
                Quick = parsed.GetValue(quick),
                Only = parsed.GetValue(scenario) is { Length: > 0 } names ? names : null,
                Seed = parsed.GetValue(seed) ?? Random.Shared.Next(1, 1_000_000),
                Output = parsed.GetRequiredValue(output),
                Evidence = parsed.GetRequiredValue(evidence),
            };
            return new ChaosRun(options, Console.Out).RunAsync(cancellationToken);
        });
        return command;
    }
}
